handler = print

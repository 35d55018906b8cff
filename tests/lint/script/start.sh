{% extends "omegac/server.sh" %}
{% block configure %}
{{ super() }}
{% for name in ["a", "b"] %}
echo {{ name }} { "Fn::Sub" : "nothing to substitute" }
{% endfor %}
echo ${Greeting} { "Fn::Join" : [ "-" , [ "one" ] ] }
{% endblock %}

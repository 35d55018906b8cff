{% extends "omegac/server.sh" %}
{% block configure %}
{{ super() }}
POSTGRES_ADDRESS={ "Fn::GetAtt" : [ "{{ .DBInstanceResourceName }}" , "Endpoint.Address" ] }
echo "$POSTGRES_ADDRESS" > /etc/notes-database
{% endblock %}

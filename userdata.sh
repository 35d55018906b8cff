{% extends "omegac/server.sh" %}
{% block configure %}
{{ super() }}
# Every login on the machine knows the queue, as the service does by QUEUE_URL.
cat > /etc/profile.d/greetings.sh << 'PROFILE'
export QUEUE_NAME='{ "Fn::GetAtt" : [ "{{ .QueueResourceName }}" , "QueueName" ] }'
PROFILE
{% endblock %}

#!/bin/bash
# {{ .ServiceName }}: makes a fresh Ubuntu 22.04 run the service under supervisor. Safe to run again.
set -Eeuxo pipefail
export HOME=/root DEBIAN_FRONTEND=noninteractive AWS_DEFAULT_REGION={ "Ref" : "AWS::Region" }
QUEUE_NAME={ "Fn::GetAtt" : [ "{{ .QueueResourceName }}" , "QueueName" ] }
APP=/home/ubuntu/{{ .ServiceName }}
METADATA=http://169.254.169.254/latest

# However the script ends, CloudFormation hears of it, and need not wait for its time-out.
finish() {
  local code=$? status=SUCCESS token instance
  { trap - ERR && set +ex; } 2> /dev/null # the token is nobody's business
  ((code == 0)) || status=FAILURE
  token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$METADATA/api/token")
  instance=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" "$METADATA/meta-data/instance-id")
  aws cloudformation signal-resource --stack-name { "Ref" : "AWS::StackName" } \
    --logical-resource-id {{ .SignalResource }} --unique-id "$instance" --status "$status" ||
    echo 'the signal was not taken: nothing waits for one, or the role may not send it' >&2
  exit "$code"
}
trap finish EXIT
trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2' ERR

# What the image lacks; a fresh machine may be busy with updates of its own.
apt-get update -q -o DPkg::Lock::Timeout=300
apt-get install -qy -o DPkg::Lock::Timeout=300 awscli supervisor unzip

# The artifact, and no other bytes than those that were built.
aws s3 cp --only-show-errors "s3://{{ .S3Bucket }}/{{ .S3Key }}" /root/artifact.zip
echo '{{ .Digest }}  /root/artifact.zip' | sha256sum --check
rm -rf "$APP"
unzip -qo /root/artifact.zip -d "$APP"

cat > /etc/supervisor/conf.d/{{ .ServiceName }}.conf << CONF
[program:{{ .ServiceName }}]
command={{ .Command }}
directory=$APP
environment=QUEUE_NAME="$QUEUE_NAME"
user=ubuntu
autorestart=true
redirect_stderr=true
stdout_logfile=/var/log/{{ .ServiceName }}.log
stdout_logfile_maxbytes=1MB
CONF
service supervisor restart

# An instance is a success once its service answers.
curl -fsS --retry 30 --retry-delay 2 --retry-connrefused http://127.0.0.1:{{ .Port }}/

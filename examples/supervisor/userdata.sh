#!/bin/bash
# {{ .ServiceName }}: makes a fresh Ubuntu 22.04 run the service under supervisor. Safe to run again.
set -Eeuxo pipefail
export HOME=/root DEBIAN_FRONTEND=noninteractive
# What only the deployment knows comes in Base64: whatever is in it, it cannot become a command.
region=$(base64 -d <<< '{ "Fn::Base64" : { "Ref" : "AWS::Region" } }')
stack=$(base64 -d <<< '{ "Fn::Base64" : { "Ref" : "AWS::StackName" } }')
bucket=$(base64 -d <<< '{ "Fn::Base64" : { "Ref" : "ArtifactBucket" } }')
export AWS_DEFAULT_REGION=$region
app=/opt/{{ .ServiceName }}
metadata=http://169.254.169.254/latest

http() { curl -fsS --noproxy '*' --max-time 5 "$@"; }
retry() {
  local pause
  for pause in 2 4 8 16 32; do
    "$@" && return
    sleep "$pause"
  done
  "$@"
}
# Once the AWS CLI is there, CloudFormation hears how the script has ended, and need not wait for its time-out.
finish() {
  local code=$? status=SUCCESS token instance answer
  { trap - ERR && set +ex; } 2> /dev/null # the token is nobody's business
  ((code == 0)) || status=FAILURE
  token=$(http -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")
  instance=$(http -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/instance-id")
  if answer=$(aws cloudformation signal-resource --stack-name "$stack" \
    --logical-resource-id {{ .SignalResource }} --unique-id "$instance" --status "$status" 2>&1); then
    echo "signalled $status" >&2
  elif [[ $answer == *'cannot be signaled'* ]]; then
    echo 'no stack waits for this instance' >&2
  else
    echo "could not signal $status: $answer" >&2
    ((code)) || code=1
  fi
  exit "$code"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM
trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2' ERR

# What the image lacks. A fresh machine may be busy with updates of its own, and apt itself waits for one lock of two.
retry apt-get -qq update
retry apt-get -qqy -o DPkg::Lock::Timeout=300 install awscli supervisor unzip

# The artifact, and no other bytes than those that were built.
retry aws s3 cp --only-show-errors "s3://$bucket/{{ .S3Key }}" /root/artifact.zip
echo '{{ .Digest }}  /root/artifact.zip' | sha256sum --check
rm -rf "$app"
unzip -qo /root/artifact.zip -d "$app"
chmod -R u=rwX,go=rX "$app"

# The service is a user of its own. Supervisor would expand percent signs: it is given a launcher alone, which has the
# environment, and so is for nobody else to read.
id -u greeter > /dev/null 2>&1 ||
  useradd --system --create-home --home-dir /var/lib/greeter --shell /usr/sbin/nologin greeter
install -m 0750 -o root -g greeter /dev/null "$app.sh"
{
  echo '#!/bin/bash'
  printf 'export %s=%q\n' HOME /var/lib/greeter USER greeter PORT {{ .Port }} AWS_REGION "$region" AWS_DEFAULT_REGION "$region"
{% for name, value in Environment %}
  printf 'export %s=%q\n' {{ name }} "$(base64 -d <<< '{{ value }}')"
{% endfor %}
  cat << 'COMMAND'
cd /opt/{{ .ServiceName }}
exec {{ .Command }}
COMMAND
} > "$app.sh"
cat > /etc/supervisor/conf.d/{{ .ServiceName }}.conf << PROGRAM
[program:{{ .ServiceName }}]
command=$app.sh
user=greeter
autorestart=true
redirect_stderr=true
stdout_logfile=/var/log/{{ .ServiceName }}.log
stdout_logfile_maxbytes=1MB
PROGRAM
service supervisor restart

# An instance is a success once its service answers; supervisor gives up one that keeps failing.
deadline=$((SECONDS + 300))
until http -o /dev/null http://127.0.0.1:{{ .Port }}/; do
  [[ $(supervisorctl status {{ .ServiceName }}) != *FATAL* ]]
  ((SECONDS < deadline))
  sleep 1
done

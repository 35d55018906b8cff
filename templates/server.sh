#!/bin/bash
# {{ ServiceName }}, {{ ServerName }}: makes a fresh machine run its service. Safe to run again.
set -Eeuo pipefail
umask 022
export HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
region=$(base64 -d <<< '{ "Fn::Base64" : { "Ref" : "AWS::Region" } }')
export AWS_DEFAULT_REGION=$region AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8
digest={{ Digest }}
home=/opt/{{ ServiceName }}/{{ ServerName }}
unit=omegac-{{ ServerName }}
unit=${unit,,}
unit=${unit:0:32}

say() { echo "omegac: $*" >&2; }
die() {
  say "$*"
  exit 1
}
has() { type -P "$1" > /dev/null; }
http() { curl -fsSg --noproxy '*' --max-time 5 "$@"; }
retry() {
  local pause
  for pause in 2 4 8 16 32; do
    "$@" && return
    say "trying again in $pause s: $*"
    sleep "$pause"
  done
  "$@" || return
}
finish() {
  local code=$?
  trap - ERR
  set +e
  ((code == 0)) || say "the script failed with exit code $code"
{% if Signal %}
  local status=SUCCESS stack token instance answer imds=http://169.254.169.254/latest
  ((code == 0)) || status=FAILURE
  stack=$(base64 -d <<< '{ "Fn::Base64" : { "Ref" : "AWS::StackName" } }')
  token=$(http --retry 4 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $imds/api/token)
  instance=$(http --retry 4 -H "X-aws-ec2-metadata-token: $token" $imds/meta-data/instance-id)
  if answer=$(aws cloudformation signal-resource --region "$region" --stack-name "$stack" \
    --logical-resource-id {{ SignalResource }} --unique-id "$instance" --status $status 2>&1); then
    say "signalled $status"
  elif [[ $answer == *'cannot be signaled'* ]]; then
    say "nothing waits for a signal"
  else
    say "could not signal $status: $answer"
    ((code)) || code=1
  fi
{% endif %}
  exit "$code"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM
trap '((BASH_SUBSHELL)) || say "line $LINENO failed: $(sed -n "${LINENO}p" "$0")"' ERR
mkdir -p "$home"

{% block packages %}
# packages
packages=({% for package in Packages %}{{ "" if loop.first else " " }}{{ package }}{% endfor %})
has unzip || packages+=(unzip)
{% if Family == "amazon-linux" %}
has curl || packages+=(curl-minimal)
has aws || packages+=(awscli-2)
((${#packages[@]} == 0)) || retry dnf -qy install "${packages[@]}"
{% else %}
has curl || packages+=(curl)
{% if Init == "supervisord" %}
has supervisorctl || packages+=(supervisor)
{% endif %}
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -qqy -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
if ((${#packages[@]})) || ! has aws; then
  retry "${apt[@]}" update
  if ! has aws && [[ $(apt-cache policy awscli) == *'Candidate: '[0-9]* ]]; then
    packages+=(awscli)
  fi
  ((${#packages[@]} == 0)) || retry "${apt[@]}" install "${packages[@]}"
fi
if ! has aws; then
  has snap || retry "${apt[@]}" install snapd
  snap wait system seed.loaded
  retry snap install aws-cli --classic
fi
{% endif %}
{% endblock %}

{% block fetch %}
# fetch
bucket=$(base64 -d <<< '{ "Fn::Base64" : { "Ref" : "ArtifactBucket" } }')
release=$home/${digest:0:12}
retry aws s3 cp --only-show-errors "s3://$bucket/{{ S3Key }}" "$home/artifact.zip"
found=$(sha256sum "$home/artifact.zip")
[[ ${found%% *} == "$digest" ]] || die "{{ S3Key }} is not the artifact that was built: its sha256 is ${found%% *}"
if [[ ! -d $release ]]; then
  rm -rf "$release.new"
  unzip -qo "$home/artifact.zip" -d "$release.new"
  chown -hR root:root "$release.new"
  chmod -R u=rwX,go=rX "$release.new"
  mv -T "$release.new" "$release"
fi
rm "$home/artifact.zip"
ln -sfn "${release##*/}" "$home/current.new"
mv -T "$home/current.new" "$home/current"
{% endblock %}

{% block configure %}
# configure
id -u "$unit" > /dev/null 2>&1 ||
  useradd --system --user-group --no-create-home --home-dir "/var/lib/$unit" --shell /usr/sbin/nologin "$unit"
mkdir -p "/var/lib/$unit"
chown "$unit:$unit" "/var/lib/$unit"
chmod 0750 "/var/lib/$unit"
(umask 027 && cat > "$home/environment.new") << 'ENVIRONMENT'
{% for name, value in Environment %}
{{ name }} {{ value }}
{% endfor %}
ENVIRONMENT
chgrp "$unit" "$home/environment.new"
mv "$home/environment.new" "$home/environment"
# shellcheck disable=SC2034
command=({{ Command }}) port={{ Port }}
{
  echo '#!/bin/bash'
  declare -p command port region unit PATH
  cat << 'LAUNCHER'
set -euo pipefail
variables=("PORT=$port" "HOME=/var/lib/$unit" "USER=$unit" "LOGNAME=$unit"
  "AWS_REGION=$region" "AWS_DEFAULT_REGION=$region")
cd "${0%/*}"
while read -r name value; do
  value=$(printf %s "$value" | base64 -d && echo .)
  variables+=("$name=${value%.}")
done < environment
cd current
program=${command[0]}
case $program in
  /*) ;;
  */*) program=$PWD/${program#./} ;;
  *) program=$(type -P "$program") || {
    echo "omegac: ${command[0]} is not installed; a file of the artifact is written ./${command[0]}" >&2
    exit 127
  } ;;
esac
exec env "${variables[@]}" "$program" "${command[@]:1}"
LAUNCHER
} > "$home/run.new"
chmod 0755 "$home/run.new"
mv "$home/run.new" "$home/run"
{% endblock %}

{% block start %}
# start
{% if Init == "systemd" %}
cat > "/etc/systemd/system/$unit.service" << UNIT
[Unit]
Description={{ ServiceName }} {{ ServerName }}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=$unit
WorkingDirectory=$home/current
ExecStart=$home/run
Restart=always
RestartSec=3
NoNewPrivileges=yes
ProtectSystem=full
PrivateTmp=yes
{% if Port < 1024 %}
AmbientCapabilities=CAP_NET_BIND_SERVICE
{% endif %}

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable "$unit"
systemctl restart "$unit"
{% else %}
cat > "/etc/supervisor/conf.d/$unit.conf" << PROGRAM
[program:$unit]
{% if Port < 1024 %}
command=setpriv --reuid=$unit --regid=$unit --init-groups --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service $home/run
{% else %}
command=$home/run
user=$unit
{% endif %}
directory=$home/current
autorestart=true
startretries=10
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=/var/log/$unit.log
PROGRAM
systemctl enable --now supervisor
retry supervisorctl reread
supervisorctl update
supervisorctl restart "$unit" || say "$unit did not start at once"
{% endif %}
{% endblock %}

{% block signal %}
# signal
answers() {
{% if HealthCheck %}
  http -o /dev/null 'http://127.0.0.1:{{ Port }}{{ HealthCheck }}'
{% else %}
  : > /dev/tcp/127.0.0.1/{{ Port }}
{% endif %}
}
{% if Init == "systemd" %}
runs() { systemctl is-active -q "$unit"; }
gave_up() { (($(systemctl show -P NRestarts "$unit") >= 10)); }
recent_log() { journalctl -u "$unit" -n 50 --no-pager -o cat; }
{% else %}
runs() { [[ $(supervisorctl status "$unit") == *RUNNING* ]]; }
gave_up() { [[ $(supervisorctl status "$unit") == *FATAL* ]]; }
recent_log() { tail -n 50 "/var/log/$unit.log"; }
{% endif %}
deadline=$((SECONDS + 300))
until reply=$(answers 2>&1) && sleep 1 && runs; do
  if ((SECONDS > deadline)) || gave_up; then
    say "the last lines of its log:"
    recent_log >&2 || :
    die "$unit does not answer on port {{ Port }}: ${reply:-another program does}"
  fi
  sleep 2
done
{% endblock %}

#!/bin/bash -xe
APP=/home/ubuntu/{{ .ServiceName }}

# Tools first, then the archive with the application.
apt-get update -y
apt-get install -y supervisor awscli unzip
aws s3 cp "s3://{{ .S3Bucket }}/{{ .S3Key }}" /tmp/app.zip
unzip -o /tmp/app.zip -d "$APP"
chmod -R a+x "$APP"

cat > /etc/supervisor/conf.d/shop.conf << CONF
[program:shop]
command=$APP/shop serve
directory=$APP
user=ubuntu
autorestart=true
stopsignal=TERM
stdout_logfile=/var/log/shop.log
stdout_logfile_maxbytes=1MB
CONF
chown -R ubuntu:ubuntu "$APP"
service supervisor restart || service supervisor start

#!/bin/sh
# Writes, for the node exporter's textfile collector, what neither the site nor Kratos exports: the age of the oldest mail that was not
# sent, what the hourly jobs have left, and when the certificates end. Every minute, from the machine's own timer:
#
#   watch.sh /run/certificates > efp.prom.new && mv efp.prom.new /var/lib/prometheus/node-exporter/efp.prom
#
# psql finds the database by PGHOST, PGUSER, PGDATABASE and a PGPASSFILE. A database that does not answer leaves the file as it was, and
# the alert MonitorStopped sees that it grows old.
set -eu
psql -At -v ON_ERROR_STOP=1 -f "$(dirname "$0")/watch.sql"
for file in "$1"/*.pem; do
  ends=$(date -u -d "$(openssl x509 -noout -enddate -in "$file" | cut -d= -f2)" +%s)
  echo "tls_certificate_ends_seconds{file=\"$(basename "$file")\"} $ends"
done
echo "watch_written_seconds $(date +%s)"

-- What Prometheus is told of Kratos's tables: psql -At -f watch.sql. Of people nothing but ages and counts.
SELECT 'kratos_mail_oldest_seconds ' || coalesce(extract(epoch FROM now() AT TIME ZONE 'UTC' - min(created_at))::bigint, 0)
  FROM courier_messages WHERE status IN (1, 3);
SELECT 'kratos_mails_abandoned ' || count(*) FROM courier_messages WHERE status = 4;
SELECT 'kratos_mail_kept_seconds ' || coalesce(extract(epoch FROM now() AT TIME ZONE 'UTC' - min(updated_at))::bigint, 0)
  FROM courier_messages WHERE status IN (2, 4);
SELECT 'kratos_flow_kept_seconds ' || coalesce(extract(epoch FROM now() AT TIME ZONE 'UTC' - min(expires_at))::bigint, 0)
  FROM selfservice_recovery_flows WHERE expires_at < now() AT TIME ZONE 'UTC';

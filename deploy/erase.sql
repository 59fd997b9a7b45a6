-- What stays of a person when Kratos has deleted the account: mails, and forms that were begun and belong to no account yet.
-- psql -v address=camille.serve@example.test -f erase.sql
DELETE FROM courier_messages WHERE lower(recipient) = lower(:'address');
DELETE FROM selfservice_recovery_flows WHERE position('"' || lower(:'address') || '"' in lower(ui::text)) > 0;
DELETE FROM selfservice_login_flows WHERE position('"' || lower(:'address') || '"' in lower(ui::text)) > 0;

-- Kratos keeps every mail it sent, code and name in clear, and its own clean-up leaves that table alone.
-- 48 hours: as long as a recovery flow lives; nobody asks about a mail after that. Messages still waiting (status 1, 3) stay.
DELETE FROM courier_messages WHERE status IN (2, 4) AND updated_at < now() - interval '48 hours';

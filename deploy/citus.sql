-- Spreads the tables of a migrated, empty database over Citus: one organisation's rows live together on one shard.
-- Run once on the coordinator, after `feedback migrate` and before the first organisation:
--
--     psql --set ON_ERROR_STOP=1 --single-transaction --file deploy/citus.sql
--
-- tests/test_citus.py compares it with the models. It was not run on a Citus: none was at hand.

CREATE EXTENSION IF NOT EXISTS citus;

-- Triggers keep sealed guesses, frozen weeks and what was done about alerts as they are. Each looks at its own row and at
-- `organisations`, which every node has, so it may run on a shard. Without this Citus refuses tables with triggers.
ALTER DATABASE :DBNAME SET citus.enable_unsafe_triggers = on;
SET citus.enable_unsafe_triggers = on;

-- On every node: every other table points at it, and its codes are unique over all organisations, which a distributed
-- table could not promise. It is written when an organisation is made or changed, and once a week.
SELECT create_reference_table('organisations');

-- By organisation, in the order in which they point at one another, all in one group: what is joined by organisation is
-- on one node, and composite foreign keys hold there.
SELECT create_distributed_table('accounts', 'organisation_id', colocate_with => 'none');
SELECT create_distributed_table('data_versions', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('mail_stops', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('logos', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('wordings', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('teams', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('webhooks', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('weeks', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('users', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('contacts', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('chat_channels', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('webhook_deliveries', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('activity', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('audit', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('import_jobs', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('merges', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('import_rows', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('evidence_figures', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('meetings', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('relationships', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('rep_sums', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('reserved_codes', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('scoring_changes', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('sessions', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('sign_in_links', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('identity_providers', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('one_time_codes', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('passkeys', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('recovery_codes', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('standings', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('taken_back', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('team_managers', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('user_links', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('api_tokens', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('api_replays', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('alerts', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('group_codes', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('calendar_entries', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('held_meetings', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('calendar_addresses', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('rep_calendars', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('invitations', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('practice_choices', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('handed_over', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('alert_events', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('alert_reasons', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('answer_keys', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('feedback', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('client_lines', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('outbox', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('outcomes', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('promises', 'organisation_id', colocate_with => 'accounts');
SELECT create_distributed_table('chat_messages', 'organisation_id', colocate_with => 'accounts');

-- On the coordinator alone, as they are: `counters` (attempts to sign in), `sign_ups` (both of no organisation) and `alembic_version`.

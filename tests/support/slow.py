"""The test files that `make check` leaves to `make test`."""

# Files whose tests take a second and more each, so that `make check` leaves them to `make test`.
SLOW = {
    "test_fuzz.py": "every address",
    "test_log.py": "every address",
    "test_api_conforms.py": "every operation of the API",
    "test_backup.py": "a server that is taken apart",
    "test_doctor.py": "asks servers that do not answer",
    "test_cli.py": "starts the command anew",
    "test_serving.py": "waits for slow lines",
    "test_processes.py": "starts the command anew",
    "test_wheel.py": "builds a wheel",
    "test_migrations.py": "goes up and down with data",
    "test_worker.py": "waits for the worker",
    "test_manager_mails.py": "waits for the worker",
    "test_webhook_delivery.py": "waits for receivers",
    "test_calendar_file.py": "calendars that never end",
    "test_at_once.py": "two hundred answers",
    "test_faults.py": "waits between tries, and fills a disk",
    "test_properties.py": "hundreds of examples",
    "test_replay.py": "every number, worked out anew",
    "test_who_sees_what.py": "every page, for every state of an answer",
    "test_sealing.py": "every page, before a seal and after",
    "test_two_keys.py": "every order of two phones",
    "test_weeks.py": "weeks of weeks",
    "test_map.py": "a table of many pages",
    "test_settled_for_everybody.py": "every page",
    "test_own_teams_only.py": "every page",
    "test_another_organisation.py": "every page",
    "test_markup_is_escaped.py": "every page",
    "test_get_never_writes.py": "every page",
    "test_lives.py": "ten years",
}
# Left to `make test-long`, so that `make test` stays under twelve minutes.
LONG = {
    "test_first_answer.py": "a server, and an owner who sets it up in a browser",
    "test_kept_on_the_phone.py": "a slow network, and a server that is away",
    "test_languages.py": "every page in every language",
    "test_works_agreement.py": "two worlds, at every address",
    "test_import_undone.py": "whole imports, there and back",
    "test_client_page_for_everyone.py": "large letters, no colours, no motion, on every page",
    "test_demo.py": "fills half a year, several times",
    "test_fuzz_long.py": "thousands of requests",
    "test_planted_worlds.py": "organisations whose truth is planted",
    "test_api_conforms_long.py": "thousands of requests",
    "test_assistants_long.py": "servers and commands of their own",
    "test_more_lives.py": "months of busy organisations",
    "test_calendar_reader.py": "calendars that never end, in processes of their own",
    "test_processes.py": "processes that end and are begun anew",
    "test_rolling_upgrade.py": "two versions, served side by side",
    "test_providers.py": "a provider that is asked over the network",
    "test_signing_in.py": "each way of signing in, in a browser",
    "test_every_page.py": "every page of half a year, at two widths",
    "test_server_away.py": "a server that is killed under a rep's phone, and signing out with what waits",
    "test_round_trip.py": "two servers, and an owner in a browser",
    "test_import_cases.py": "a file of each kind",
    "test_import_workbooks.py": "a workbook of each kind of file",
    "test_pgbouncer.py": "tests of tests, through a pooler",
    "test_crashes.py": "a server that is killed again and again",
}
# What looks at pages runs on SQLite in `make test`, and on PostgreSQL in `make test-long`: it is the page that they look
# at, and what the databases do differently is below, in store/, db/ and actions/, whose tests always run on both.
PAGES = "web"  # the folder
PAGES_ON_BOTH = {
    "test_plans.py": "plans of statements",
    "test_statements.py": "counts of statements",
    "test_sign_in_limits.py": "counted in the database",
    "test_taken_back.py": "two at once",
    "test_get_never_writes.py": "what the database counts as a write",
    "test_import_undone.py": "takes out what is final",
}
LONG_ON_POSTGRESQL = {"test_relationship_lists.py": "every list in every state"}

"""Every setting, in the words of `settings.md`. A test holds this list against config/."""

SETTINGS = {
    "THROUGHLINE_HOME": (
        "`var`, in the working folder",
        "The one folder that is written to: database, documents, workbook, captured mail, key.",
    ),
    "DATABASE_URL": (
        "SQLite in the home folder",
        "`postgres://user:password@host:5432/name` for PostgreSQL.",
    ),
    "THROUGHLINE_BASE_URL": (
        "`http://127.0.0.1:8000`; `up` and `web` set their own",
        "Where people reach the pages. With https, cookies are secure and browsers stay on https.",
    ),
    "THROUGHLINE_SECRET_KEY": (
        "made once, kept in the home folder",
        "Signs sessions. Machines that share a database must share it.",
    ),
    "THROUGHLINE_SIGN_IN_GOOGLE_ID": (
        "none: no sign-in by Google",
        "The client of your Google project; its redirect is `/door/google/callback/`.",
    ),
    "THROUGHLINE_SIGN_IN_GOOGLE_SECRET": ("none", "Its secret."),
    "THROUGHLINE_SIGN_IN_GITHUB_ID": (
        "none: no sign-in by GitHub",
        "The client of your OAuth app; its callback is `/door/github/callback/`.",
    ),
    "THROUGHLINE_SIGN_IN_GITHUB_SECRET": ("none", "Its secret."),
    "THROUGHLINE_SIGN_IN_OIDC_ID": (
        "none: no sign-in by OpenID Connect",
        "The client at your provider; its redirect is `/door/oidc/login/callback/`.",
    ),
    "THROUGHLINE_SIGN_IN_OIDC_SECRET": ("none", "Its secret."),
    "THROUGHLINE_SIGN_IN_OIDC_URL": ("none", "The issuer, such as `https://login.example.org`."),
    "THROUGHLINE_SIGN_IN_OIDC_NAME": ("the issuer's host", "What its button is called."),
    "THROUGHLINE_SIGN_IN_DOMAINS": (
        "none: only who was invited",
        "Domains, with commas, whose people may come in by these ways, without any role at first.",
    ),
    "THROUGHLINE_SECOND_FACTOR_ROLES": (
        "none",
        "Roles, with commas, that must set up a second factor before they do anything.",
    ),
    "THROUGHLINE_PROXIES": (
        "`1` where the base URL is https, else `0`",
        "How many proxies stand before Throughline: so many are believed when they say who calls.",
    ),
    "THROUGHLINE_WEBHOOKS_TO_PRIVATE": (
        "`0`",
        "Whether webhooks may go to plain http and to addresses of your own network: `1` or `0`.",
    ),
    "THROUGHLINE_API_CALLS_PER_MINUTE": (
        "`600`",
        "How often one person or token may call the API; more is answered 429.",
    ),
    "THROUGHLINE_PLAYBOOK": (
        "`playbook.toml` in the home folder if it is there, else the shipped playbook",
        "Your own playbook file (TOML).",
    ),
    "THROUGHLINE_SMTP_HOST": (
        "none: mail stays in the outbox",
        "The server that mail leaves through.",
    ),
    "THROUGHLINE_SMTP_PORT": ("`587`", "Its port."),
    "THROUGHLINE_SMTP_USER": ("none", "Who signs in there."),
    "THROUGHLINE_SMTP_PASSWORD": ("none", "With what."),
    "THROUGHLINE_SMTP_TLS": ("`1`", "Whether to use STARTTLS: `1` or `0`."),
    "THROUGHLINE_MAIL_PROVIDER": (
        "none",
        "Instead of a server: brevo, mailgun, mailjet, postmark or sparkpost.",
    ),
    "THROUGHLINE_MAIL_KEY": ("none", "The provider's key; Mailjet's two as `key:secret`."),
    "THROUGHLINE_MAIL_DOMAIN": (
        "the sender's",
        "The domain that Mailgun sends from; only Mailgun needs it.",
    ),
    "THROUGHLINE_MAIL_URL": ("the provider's", "Where its API answers, say in Europe."),
    "THROUGHLINE_MAIL_HOOK_SECRET": (
        "none: webhooks are refused",
        "What its webhooks to `/hooks/mail` carry: `user:password`; of Mailgun its signing key.",
    ),
    "THROUGHLINE_MAIL_FROM": ("`Throughline <throughline@localhost>`", "The sender of every mail."),
    "THROUGHLINE_HUB_CHECKS": (
        "`0`",
        "Whether evidence may be looked for by asking hubs over the network: `1` or `0`.",
    ),
    "THROUGHLINE_PROMETHEUS_URL": (
        "none: activity is taken in as files",
        "Where Prometheus tells who uses hubs; `{cluster}` in it stands for the cluster's name.",
    ),
    "THROUGHLINE_PROMETHEUS_TOKEN": ("none", "Its bearer token, or `user:password`."),
    "THROUGHLINE_HUBSPOT_TOKEN": (
        "none: HubSpot is not connected",
        "The token of a private app. With it, fields that HubSpot owns are changed there alone.",
    ),
    "THROUGHLINE_HUBSPOT_PORTAL": (
        "none: no links to HubSpot",
        "The number of your portal, as in the addresses of HubSpot's pages.",
    ),
    "THROUGHLINE_HUBSPOT_APP": (
        "`https://app.hubspot.com`",
        "Where people open HubSpot; in Europe `https://app-eu1.hubspot.com`.",
    ),
    "THROUGHLINE_HUBSPOT_URL": (
        "`https://api.hubapi.com`",
        "Where HubSpot's API answers; a simulator's address for trying things out.",
    ),
    "THROUGHLINE_HUBSPOT_API_VERSION": (
        "`2026-09`",
        "Which version of its API is spoken: a date, or `v3` for the older addresses.",
    ),
    "THROUGHLINE_HUBSPOT_WEBHOOK_SECRET": (
        "none: webhooks are refused",
        "The client secret of the app whose webhooks come to `/hooks/hubspot`.",
    ),
    "THROUGHLINE_HUBSPOT_OLD_SIGNATURES": (
        "`0`",
        "`1` takes the older signature as well, which some private apps send: it does not expire.",
    ),
    "THROUGHLINE_HUBSPOT_COMMUNITY_OBJECT": (
        "`0-410`",
        "The type of object that is a community there, by its id; `none` where there is none.",
    ),
    "THROUGHLINE_HUBSPOT_GITHUB_PROPERTY": (
        "none: GitHub ids of contacts are not read",
        "The internal name of the contacts' property that holds their GitHub id.",
    ),
    "THROUGHLINE_HUBSPOT_WRITE": (
        "`0`",
        "`1` lets us tell HubSpot stages, our fields of deals with an engagement, and communities.",
    ),
    "THROUGHLINE_AIRTABLE_TOKEN": (
        "none: Airtable is not connected",
        "A personal access token; goes together with the base.",
    ),
    "THROUGHLINE_AIRTABLE_BASE": (
        "none: Airtable is not connected",
        "The id of the base that handoffs write to; it begins with `app`.",
    ),
    "THROUGHLINE_AIRTABLE_ENGAGEMENTS": ("`Engagements`", "The table of engagements there."),
    "THROUGHLINE_AIRTABLE_PROJECTS": ("`Projects`", "The table of projects there."),
    "THROUGHLINE_AIRTABLE_DELIVERABLES": ("`Deliverables`", "The table of deliverables there."),
    "THROUGHLINE_AIRTABLE_URL": ("`https://api.airtable.com`", "Where its API answers."),
    "THROUGHLINE_SHEETS_SPREADSHEET": (
        "none: the billing columns are in the workbook",
        "The id of the Google spreadsheet that has the billing columns; goes together with the key.",
    ),
    "THROUGHLINE_SHEETS_KEY": (
        "none: the billing columns are in the workbook",
        "The key of a Google service account: its JSON file, or its text.",
    ),
    "THROUGHLINE_SHEETS_TAB": (
        "`Cloud costs`",
        "The tab to begin in, there; once we have columns, it may be renamed.",
    ),
    "THROUGHLINE_SHEETS_URL": ("`https://sheets.googleapis.com`", "Where its API answers."),
    "THROUGHLINE_GITHUB_REPOSITORY": (
        "none: GitHub is not connected",
        "`owner/name` of the repository where issues are made.",
    ),
    "THROUGHLINE_GITHUB_TOKEN": (
        "none",
        "A token with “Issues: read and write”, and “Projects: read and write” for a board.",
    ),
    "THROUGHLINE_GITHUB_APP_ID": ("none", "Instead of a token: the id of a GitHub App."),
    "THROUGHLINE_GITHUB_APP_KEY": ("none", "The App's private key: its `.pem` file, or its text."),
    "THROUGHLINE_GITHUB_INSTALLATION": (
        "none",
        "The number of the App's installation in your organisation.",
    ),
    "THROUGHLINE_GITHUB_PROJECT": (
        "none: no board",
        "The number of a board (Projects) of the repository's owner.",
    ),
    "THROUGHLINE_GITHUB_LABEL": (
        "`throughline`",
        "How our labels begin. Two installations that share a repository need two words.",
    ),
    "THROUGHLINE_GITHUB_STATUS": (
        "`Todo`",
        "The status that a new card gets; then it is people's.",
    ),
    "THROUGHLINE_GITHUB_URL": (
        "`https://api.github.com`",
        "Where GitHub's API is: your own server's, or the simulator's.",
    ),
    "THROUGHLINE_AWS_BUDGETS": (
        "`off`: Throughline itself watches the imported costs",
        "`make`: handoffs make budgets at AWS. `terraform`: Terraform does, and we check its files.",
    ),
    "THROUGHLINE_AWS_ROLE": (
        "none: the keys are used as they are",
        "The name of the role that is assumed in each linked account.",
    ),
    "THROUGHLINE_AWS_KEY_ID": (
        "none: whatever the machine is given",
        "An access key's id; goes together with its secret.",
    ),
    "THROUGHLINE_AWS_SECRET": ("none", "The access key's secret."),
    "THROUGHLINE_AWS_URL": (
        "AWS's own address",
        "Where AWS Budgets answers; a simulator's address for trying things out.",
    ),
    "THROUGHLINE_AWS_STS_URL": (
        "AWS's own address",
        "Where STS answers, which gives the keys of a role.",
    ),
    "THROUGHLINE_SNS_URL": (
        "SNS's own hosts",
        "Where certificates of SNS are fetched and subscriptions confirmed, for trying things out.",
    ),
    "THROUGHLINE_SNS_TOPICS": (
        "none: messages of SNS are refused",
        "The topics whose messages come to `/hooks/sns`, by their ARNs, with commas between.",
    ),
    "THROUGHLINE_ALERT_TOKEN": (
        "none: alerts of Google and Azure are refused",
        "What must stand as `?token=` in the addresses `/hooks/pubsub` and `/hooks/azure`.",
    ),
    "THROUGHLINE_LOG_LEVEL": (
        "`WARNING`",
        "How much is written to stderr: `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`.",
    ),
    "THROUGHLINE_DEBUG": ("`0`", "`1` shows errors in the browser; never where others can reach."),
}

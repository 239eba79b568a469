import hashlib
from pathlib import Path

import pytest

from throughline.intake.cluster_files import FileWarning, HubFile, read_folder
from throughline.kernel.errors import Refused

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
needs_real = pytest.mark.skipif(
    not REAL.exists(), reason="../shared/real is not beside the repository"
)

# name -> provider, account, region, who pays, deal, budget alert, number of hubs
EXPECTED = {
    "2i2c": ("gcp", "two-eye-two-see", "us-central1-b", "us", "231111145206", None, 2),
    "2i2c-aws-us": ("aws", "790657130469", "us-west-2", "us", "323519075008", True, 3),
    "awi-ciroh": (
        *("gcp", "ciroh-jupyterhub-423218", "us-central1"),
        *("community", "86221242068", None, 2),
    ),
    "cloudbank": ("gcp", "cb-1003-1696", "us-central1-b", "community", "86933236427", None, 95),
    "disasters": ("aws", "515966502221", "us-west-2", "community", "86933236464", True, 2),
    "dubois": ("gcp", "dubois-436615", "us-central1", "us", "86221243093", None, 1),
    "hhmi": ("gcp", "hhmi-398911", "us-west2", "us", "231111145206", None, 3),
    "jupyter-health": ("aws", "211125465508", "us-east-2", "us", "86221242070", True, 2),
    "maap": ("aws", "916098889494", "us-west-2", "community", "86933236464", False, 2),
    "nasa-ghg-hub": ("aws", "597746869805", "us-west-2", "community", "86933236464", False, 3),
    "nasa-veda": ("aws", "444055461661", "us-west-2", "community", "86933236464", False, 3),
    "openscapeshub": ("aws", "783616723547", "us-west-2", "community", "86221243106", False, 3),
    "projectpythia": ("aws", "590183926898", "us-west-2", "community", "102799509217", False, 3),
    "projectpythia-binder": ("kubeconfig", None, None, "unknown", "102799509217", None, 1),
    "temple": ("aws", "324830304144", "us-west-2", "us", "86221243084", True, 4),
    "utoronto": ("kubeconfig", None, None, "unknown", "86221242056", None, 5),
    "victor": ("aws", "129856558350", "us-west-2", "community", "128809917128", False, 2),
}
CLUSTER = """\
name: {name}
provider: aws
metadata:
  2i2c:
    hubspot_deal_id: {deal}
aws:
  account: {account}
  region: us-west-2
  billing:
    paid_by_us: true
hubs:
- name: staging
  display_name: Staging
  domain: staging.example.org
"""


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes files into a folder, and returns the folder."""

    def _write(files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return _write


def cluster(name="eco", account="790657130469", deal="86221242056"):
    return CLUSTER.format(name=name, account=account, deal=deal)


@pytest.mark.real
@needs_real
def test_real_folder_gives_every_fact_of_its_seventeen_clusters():
    found = read_folder([REAL])

    assert found.warnings == ()
    assert {
        each.name: (
            *(each.provider, each.account, each.region, each.paid_by),
            *(each.deal_id, each.budget_alert, len(each.hubs)),
        )
        for each in found.clusters
    } == EXPECTED
    assert [each.name for each in found.clusters] == sorted(EXPECTED)


@pytest.mark.real
@needs_real
def test_real_clusters_share_deals():
    sharing = {}
    for each in read_folder([REAL]).clusters:
        sharing.setdefault(each.deal_id, []).append(each.name)

    assert {deal: names for deal, names in sharing.items() if len(names) > 1} == {
        "231111145206": ["2i2c", "hhmi"],
        "86933236464": ["disasters", "maap", "nasa-ghg-hub", "nasa-veda"],
        "102799509217": ["projectpythia", "projectpythia-binder"],
    }


@pytest.mark.real
@needs_real
def test_real_clusters_alone_say_nothing_of_budget_alerts():
    found = read_folder([REAL / "clusters"])

    assert len(found.clusters) == 17
    assert {each.budget_alert for each in found.clusters} == {None}
    assert (found.alerts, found.warnings) == ((), ())


@pytest.mark.real
@needs_real
def test_real_tfvars_alone_say_which_alerts_are_armed():
    found = read_folder([REAL / "tfvars"])

    assert (found.clusters, found.warnings) == ((), ())
    assert dict(found.alerts) == {
        name: facts[5] for name, facts in EXPECTED.items() if facts[5] is not None
    }


@pytest.mark.real
@needs_real
def test_real_folders_named_twice_are_read_once():
    found = read_folder([REAL / "clusters", REAL / "tfvars", REAL])

    assert (found.warnings, len(found.clusters)) == ((), 17)
    assert {each.name: each.budget_alert for each in found.clusters} == {
        name: facts[5] for name, facts in EXPECTED.items()
    }


@pytest.mark.real
@needs_real
def test_real_cluster_as_json_is_what_the_command_line_promises():
    found = read_folder([REAL]).as_json()

    assert list(found) == ["clusters", "warnings"]
    assert found["clusters"][-1] == {
        "name": "victor",
        "provider": "aws",
        "account": "129856558350",
        "region": "us-west-2",
        "paid_by": "community",
        "deal_id": "128809917128",
        "budget_alert": False,
        "hubs": [
            {"name": "staging", "domain": "staging.hub.victorproject.org"},
            {"name": "prod", "domain": "hub.victorproject.org"},
        ],
    }


def test_checkout_of_the_infrastructure_repository_is_searched_where_its_files_are(folder):
    root = folder(
        {
            "config__clusters__eco__cluster.yaml": cluster(),
            "config__clusters__eco__staging.values.yaml": "hubs: [provider",
            "config__clusters__eco__enc-support.secret.yaml": "name: x\nprovider: y\nhubs: []\n",
            "helm-charts__templates__provider.yaml": "{{ if .hubs }}\nname: x\nprovider: {{ .p }}",
            ".github__workflows__hubs.yaml": "name: x\nprovider: y\nhubs: [",
            "mkdocs.yaml": "name: docs\n",
            "terraform__aws__projects__eco.tfvars": 'cluster_name = "eco"\n',
        }
    )

    found = read_folder([root])

    assert found.warnings == ()
    assert [(each.name, each.file, each.budget_alert) for each in found.clusters] == [
        ("eco", "config/clusters/eco/cluster.yaml", True)
    ]


def test_cluster_file_carries_its_hash_and_its_hubs(folder):
    found = read_folder([folder({"eco.yaml": cluster()})]).clusters[0]

    assert found.sha256 == hashlib.sha256(cluster().encode()).hexdigest()
    assert found.hubs == (HubFile("staging", "Staging", "staging.example.org"),)


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("790657130469", "790657130469"),
        ("012345678901", "012345678901"),
        ("012345670123", "012345670123"),  # YAML 1.1 would read an octal number
        ("12345678901", "012345678901"),  # a tool that took it for a number lost the zero
        ('"000000000042"', "000000000042"),
        ("7906-5713-0469", "790657130469"),
        ("", None),
    ],
)
def test_aws_account_is_text_of_twelve_digits(folder, written, account):
    found = read_folder([folder({"eco.yaml": cluster(account=written)})])

    assert (found.clusters[0].account, found.warnings) == (account, ())


@pytest.mark.parametrize(
    ("section", "facts"),
    [
        ("provider: gcp\ngcp: {project: p-1, region: r}", ("p-1", "r", "unknown")),
        (
            "provider: azure\nazure: {resource_group: rg, billing: {paid_by_us: false}}",
            ("rg", None, "community"),
        ),
        ("provider: azure\nazure: {subscription: s-1}", ("s-1", None, "unknown")),
        ("provider: kubeconfig\nkubeconfig: {file: f}", (None, None, "unknown")),
        ("provider: aws", (None, None, "unknown")),
    ],
)
def test_account_region_and_payer_follow_the_provider(folder, section, facts):
    found = read_folder([folder({"eco.yaml": f"name: eco\n{section}\nhubs: []\n"})]).clusters[0]

    assert (found.account, found.region, found.paid_by) == facts
    assert (found.deal_id, found.hubs) == (None, ())


def test_name_that_looks_like_a_number_is_text(folder):
    root = folder({"2025.yaml": "name: 2025\nprovider: gcp\nhubs: []\n"})

    assert read_folder([root]).clusters[0].name == "2025"


@pytest.mark.parametrize(
    ("tfvars", "armed"),
    [
        ("", True),
        ("default_budget_alert = {}", True),
        ("default_budget_alert = null", True),
        ('default_budget_alert = {\n  # for now\n  "enabled" : true,\n}', True),
        ('default_budget_alert = { "subscriber_email_addresses" : ["a@example.org"] }', True),
        ("default_budget_alert = { enabled = false }", False),
        ('default_budget_alert = { "enabled" : "false" }', False),
        ("default_budget_alert = { enabled = false }\nbudget_alerts = {}", False),
        ("default_budget_alert = { enabled = false }\nbudget_alerts = { a = { max = 5 } }", True),
        ("budget_alert_enabled = false", False),
    ],
)
def test_budget_alert_is_armed_unless_switched_off(folder, tfvars, armed):
    root = folder({"eco.yaml": cluster(), "eco.tfvars": tfvars})

    found = read_folder([root])

    assert (found.clusters[0].budget_alert, found.alerts) == (armed, (("eco", armed),))
    assert found.warnings == ()


def test_explicit_alerts_are_kept_without_quotes_and_comments(folder):
    tfvars = (
        'budget_alerts = {\n  # prepaid\n  "pot" : {\n    "max_cost" : 1500 # USD\n'
        '    emails = ["a@example.org"]\n  }\n}\n'
    )
    root = folder({"eco.yaml": cluster(), "eco__eco.tfvars": tfvars})

    assert read_folder([root]).clusters[0].budget_alerts == (
        {"name": "pot", "max_cost": 1500, "emails": ["a@example.org"]},
    )


def test_variable_counts_before_the_name_of_a_tfvars_file(folder):
    root = folder({"eco.yaml": cluster(), "other.tfvars": 'cluster_name = "eco"'})

    assert read_folder([root]).alerts == (("eco", True),)


@pytest.mark.parametrize(
    ("name", "text", "story"),
    [
        (
            "bad.yaml",
            "name: bad\nprovider: [aws\nhubs: []\n",
            (
                "line 3: broken YAML: did not find expected ',' or ']'. "
                "Correct the YAML and try again."
            ),
        ),
        (
            "bad.yaml",
            "name: !!int x\n",
            "broken YAML: a character or a tag that is not allowed. Correct the YAML and try again.",
        ),
        (
            "bad.yaml",
            "provider: aws\nhubs: []\n",
            "line 1: name missing. A cluster file needs name, provider and hubs.",
        ),
        (
            "bad__cluster.yaml",
            "",
            (
                "line 1: name and provider and hubs missing. "
                "A cluster file needs name, provider and hubs."
            ),
        ),
        (
            "bad.yaml",
            "name:\nprovider: aws\nhubs: []\n",
            "line 1: name is missing. Correct the file.",
        ),
        (
            "bad.yaml",
            "name: [a]\nprovider: aws\nhubs: []\n",
            "line 1: name is not text. Correct the file.",
        ),
        (
            "bad.yaml",
            f"name: {'x' * 121}\nprovider: aws\nhubs: []\n",
            "line 1: name is not text of at most 120 characters. Correct the file.",
        ),
        (
            "bad.yaml",
            'name: "a\\0b"\nprovider: aws\nhubs: []\n',
            "line 1: name is not text of at most 120 characters. Correct the file.",
        ),
        (
            "bad.yaml",
            "name: a\nprovider: aws\nhubs: none\n",
            "line 3: hubs is not a list of mappings. Correct the file.",
        ),
        (
            "bad.yaml",
            "name: a\nprovider: aws\nhubs:\n- domain: x\n",
            "hubs.name is missing. Correct the file.",
        ),
        (
            "bad.yaml",
            "name: a\nprovider: aws\nhubs:\n- name: x\n- name: x\n",
            "the hub x stands twice. Keep one.",
        ),
        (
            "bad.yaml",
            "name: a\nprovider: aws\naws: 5\nhubs: []\n",
            "line 3: aws is not a mapping. Correct the file.",
        ),
        (
            "bad.yaml",
            "name: a\nprovider: aws\naws:\n  billing:\n    paid_by_us: maybe\nhubs: []\n",
            "line 5: aws.billing.paid_by_us is neither true nor false. Correct the file.",
        ),
        (
            "bad.yaml",
            "name: a\nprovider: aws\naws:\n  account: us\nhubs: []\n",
            "line 4: aws.account is not an AWS account id of 12 digits. Correct the file.",
        ),
        ("bad.yaml", b"name: \xff\n", "not UTF-8 (byte 6). Save it as UTF-8 and try again."),
        ("bad.yaml", "[" * 100_000, "line 1: nested deeper than 50. Write it flatter."),
        ("bad.yaml", "#" * 1_000_001, "too large for a cluster file. Keep it under 1 MB."),
    ],
)
def test_wrong_cluster_file_is_a_warning_and_the_others_go_on(folder, name, text, story):
    found = read_folder([folder({"eco.yaml": cluster(), "bad.tfvars": "", name: text})])

    file = name.replace("__", "/")
    assert [each.name for each in found.clusters] == ["eco"]
    assert found.warnings == (FileWarning("file_unreadable", file, f"{file}: {story}"),)


def test_second_file_of_a_cluster_is_a_warning_and_the_first_counts(folder):
    root = folder({"a.yaml": cluster(deal="1"), "b.yaml": cluster(deal="2")})

    found = read_folder([root])

    assert [(each.name, each.deal_id) for each in found.clusters] == [("eco", "1")]
    story = "b.yaml: the cluster eco stands in a.yaml, which counts. Keep one file."
    assert found.warnings == (FileWarning("cluster_twice", "b.yaml", story),)


def test_second_tfvars_of_a_cluster_is_a_warning_and_the_first_counts(folder):
    root = folder(
        {
            "eco.yaml": cluster(),
            "a.tfvars": 'cluster_name = "eco"',
            "eco.tfvars": "default_budget_alert = { enabled = false }",
        }
    )

    found = read_folder([root])

    assert found.alerts == (("eco", True),)
    story = "eco.tfvars: a.tfvars speaks of the cluster eco and counts. Keep one file."
    assert found.warnings == (FileWarning("cluster_twice", "eco.tfvars", story),)


@pytest.mark.parametrize(
    ("text", "story"),
    [
        (
            "region = \n",
            "line 1: not readable as Terraform variables. Run `terraform fmt` on it.",
        ),
        (
            'a = 1\nb = "x\n',
            "line 2: not readable as Terraform variables. Run `terraform fmt` on it.",
        ),
        (
            f"a = {'[' * 5000}{']' * 5000}",
            "not readable as Terraform variables. Run `terraform fmt` on it.",
        ),
        (b'a = "\xff"', "not UTF-8 (byte 5). Save it as UTF-8 and try again."),
        (
            "cluster_name = var.name",
            "cluster_name is not a plain name. Write the cluster's name in quotes.",
        ),
        (
            "default_budget_alert = false",
            'default_budget_alert is not an object. Write { "enabled" : false }.',
        ),
        (
            "default_budget_alert = { enabled = 3 }",
            "default_budget_alert.enabled is neither true nor false. Write true or false.",
        ),
        (
            'budget_alerts = "many"',
            "budget_alerts is neither a map nor a list. Write a map of objects.",
        ),
        ("#" * 1_000_001, "too large for a tfvars file. Keep it under 1 MB."),
    ],
)
def test_wrong_tfvars_is_a_warning_and_leaves_the_alert_unknown(folder, text, story):
    found = read_folder([folder({"eco.yaml": cluster(), "eco.tfvars": text})])

    assert [(each.name, each.budget_alert) for each in found.clusters] == [("eco", None)]
    assert found.warnings == (
        FileWarning("tfvars_unreadable", "eco.tfvars", f"eco.tfvars: {story}"),
    )


def test_tfvars_without_cluster_is_a_warning_and_its_alert_is_kept(folder):
    found = read_folder([folder({"eco.yaml": cluster(), "lone.tfvars": ""})])

    story = (
        "lone.tfvars: no cluster file here is named lone. "
        "Add its cluster file, or correct cluster_name."
    )
    assert found.warnings == (FileWarning("tfvars_without_cluster", "lone.tfvars", story),)
    assert found.alerts == (("lone", True),)
    assert found.as_json()["warnings"] == [
        {"code": "tfvars_without_cluster", "file": "lone.tfvars", "message": story}
    ]


def test_file_that_may_not_be_read_is_a_warning(folder):
    root = folder({"eco.yaml": cluster()})
    (root / "gone.yaml").symlink_to(root / "nowhere")

    assert [(each.code, each.file) for each in read_folder([root]).warnings] == [
        ("file_unreadable", "gone.yaml")
    ]


def test_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        read_folder([tmp_path / "none"])

    assert refused.value.message == f"{tmp_path / 'none'} is not a folder."


def test_folder_with_neither_clusters_nor_tfvars_is_refused(folder):
    root = folder({"notes.yaml": "- a\n", "deep__other.yaml": "name: x\nhubs: provider\n"})

    with pytest.raises(Refused) as refused:
        read_folder([root])

    assert refused.value.message == f"{root} holds neither cluster files nor *.tfvars."

"""What HubSpot calls the types of objects that we speak of, and the property that names each."""

DEALS, COMPANIES = "deals", "companies"
CONTACTS, ORDERS = "contacts", "orders"
STAGE, PIPELINE = "dealstage", "pipeline"
_NAMES = {"0-410": "hs_course_name", "courses": "hs_course_name"}


def name_property(object_type: str) -> str:
    """Return the property that people read as the name of an object of a type."""
    return _NAMES.get(object_type, "name")

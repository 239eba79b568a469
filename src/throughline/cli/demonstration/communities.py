"""Whom the provider serves. Every name is invented; `.example` addresses reach nobody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A community as its record will say it, and its people."""

    short_name: str
    long_name: str
    buyer: str  # the legal party, which is not the community
    champion: str
    representative: str
    technical_contact: str
    goals: str  # the answer to the first context question
    cloud: str = "aws"
    region: str = "us-west-2"
    data_location: str = ""

    @property
    def community_id(self) -> str:
        """The id that will be reserved: the short name in lowercase letters."""
        return "".join(letter for letter in self.short_name.lower() if letter.isalpha())

    @property
    def domain(self) -> str:
        """Where the community's people and pages are found; nobody can own such a domain."""
        return f"{self.community_id}.example"

    def email_of(self, full_name: str) -> str:
        """Return the address of one of the community's people."""
        return f"{full_name.lower().replace(' ', '.')}@{self.domain}"


MOONMOTH = Served(
    short_name="Moonmoth",
    long_name="Moonmoth Night Pollinator Survey",
    buyer="Orrin Vale College",
    champion="Idris Vane",
    representative="Mabel Thorne",
    technical_contact="Otto Brandt",
    goals="Volunteers in forty parishes classify trap photographs in one shared notebook.",
)
DEEPWELL = Served(
    short_name="Deepwell",
    long_name="Deepwell Groundwater Modelling Group",
    buyer="Kestrel County Water Institute",
    champion="Ruth Amadi",
    representative="Colm Deasy",
    technical_contact="Priya Nair",
    goals="Hydrologists run the county's model on a laptop-sized budget and compare scenarios.",
    data_location="object storage in us-west-2",
)
CINDERPATH = Served(
    short_name="Cinderpath",
    long_name="Cinderpath Smoke Forecast Collaboration",
    buyer="Tamarack State University",
    champion="Noemi Castellan",
    representative="Jonas Weir",
    technical_contact="Leila Farhadi",
    goals="Forecasters change a fuel map and see the smoke plume of tomorrow within minutes.",
)
FIRNLINE = Served(
    short_name="Firnline",
    long_name="Firnline Snowpack Network",
    buyer="Alder Pass Research Foundation",
    champion="Signe Halvorsen",
    representative="Bruno Keller",
    technical_contact="Mei Tanaka",
    goals="Field parties calibrate snow pillows against satellite scenes before they drive home.",
    cloud="gcp",
    region="europe-west6",
)
WINDROW = Served(
    short_name="Windrow",
    long_name="Windrow Crop Phenotyping Project",
    buyer="Harlan Agricultural Trust",
    champion="Esther Okafor",
    representative="Dmitri Volkov",
    technical_contact="Ana Beltran",
    goals="Breeders look at drone mosaics of their own plots, and nobody else's.",
)
STARLINGFOLD = Served(
    short_name="Starlingfold",
    long_name="Starlingfold Protein Motion Lab",
    buyer="Port Lowen Institute of Biology",
    champion="Kofi Mensah",
    representative="Greta Lund",
    technical_contact="Hugo Marchetti",
    goals="Students move through a trajectory of a million frames without downloading it.",
)
TIDEWRACK = Served(
    short_name="Tidewrack",
    long_name="Tidewrack Coastal Observatory",
    buyer="Estuary State University",
    champion="Ines Marlow",
    representative="Tomas Reyn",
    technical_contact="Wanda Kovac",
    goals="Six field stations share one kelp map that everybody can recompute.",
    data_location="tide gauge archive in us-west-2",
)
LICHEN_ATLAS = Served(
    short_name="Lichen Atlas",
    long_name="Lichen Atlas of the Northern Isles",
    buyer="Skerry Museum of Natural History",
    champion="Fiona Strand",
    representative="Magnus Eide",
    technical_contact="Yara Haddon",
    goals="Curators and amateurs identify the same specimen in the same notebook.",
)
SALTMARSH = Served(
    short_name="Saltmarsh",
    long_name="Saltmarsh Acoustics Consortium",
    buyer="Greywater University",
    champion="Rosa Quill",
    representative="Emeka Duru",
    technical_contact="Lars Bohm",
    goals="Two continents listen to the same recordings, each where the recordings are kept.",
    data_location="us-east-2 and europe-north1",
)
FERNGLOW = Served(
    short_name="Fernglow",
    long_name="Fernglow Bioluminescence Network",
    buyer="Hollin Botanical Garden",
    champion="Sylvie Arnaud",
    representative="Patrick Doyle",
    technical_contact="Nadia Rahimi",
    goals="Night images from greenhouses are analysed on the garden's own cloud account.",
    cloud="gcp",
    region="us-central1",
)
QUARRYSTONE = Served(
    short_name="Quarrystone",
    long_name="Quarrystone Archaeology Commons",
    buyer="Bellwether County Council",
    champion="Agnes Holt",
    representative="Viktor Sandoval",
    technical_contact="Thandi Moyo",
    goals="Excavation records of thirty years become one table that students can question.",
)
OLDRIVER = Served(
    short_name="Oldriver",
    long_name="Oldriver Palaeoflood Archive",
    buyer="Meander Valley Trust",
    champion="Walter Finch",
    representative="Carmen Iriarte",
    technical_contact="Joon Park",
    goals="Flood marks of a thousand years are read side by side with today's gauges.",
)
THISTLEDOWN = Served(
    short_name="Thistledown",
    long_name="Thistledown Seed Dispersal Study",
    buyer="Larch Hill University",
    champion="Beatrix Oakes",
    representative="Samuel Tate",
    technical_contact="Ilse Vermeer",
    goals="A five-year study analyses its last season and closes its books.",
)
COBBLEWOOD = Served(
    short_name="Cobblewood",
    long_name="Cobblewood Urban Tree Census",
    buyer="City of Cobblewood",
    champion="Marta Sorensen",
    representative="Dele Akande",
    technical_contact="Ruben Castro",
    goals="Every street's tree list is open, and every planting decision can be recomputed.",
)

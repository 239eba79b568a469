"""Statements of work of the demonstration, in the Markdown that the importer reads."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of work, and the day on which each deliverable is due."""

    name: str  # of the file
    text: str
    due: Mapping[str, int]  # deliverable's title: days from the scene's instant


SPECIMEN_SEARCH = """\
# Specimen search for the Lichen Atlas

## Deliverables

### Searchable specimen table

#### Definition of done

- Every specimen of the atlas can be found by name, place and year.
- A query over the whole table answers within five seconds on the hub.

#### Estimates

```{estimate-table}
-  - Bring the four spreadsheets into one table
   - 12h
   - 20h
-  - Search from a notebook
   - 8h
   - 14h
```

#### People

- App Engineer

### Photograph viewer in the notebook

#### Definition of done

- A photograph opens beside its record and can be measured.
- The viewer is published under an open licence.

#### Estimates

```{estimate-table}
-  - Build the viewer
   - 16h
   - 30h
-  - Measure with a scale bar
   - 4h
   - 10h
```

#### People

- App Engineer
- Tech Lead

### Workshop for curators

#### Definition of done

- Twelve curators have identified a specimen together.

#### Estimates

```{estimate-table}
-  - Prepare and hold the workshop
   - 6h
   - 9h
```

#### People

- Product

## Additional overheads

```{estimate-table}
-  - Planning and reviews
   - 4h
   - 6h
```

## Out of scope

- Digitising specimens that are not in the spreadsheets.
- A public website.
"""

PLUME_PIPELINE = """\
# Smoke plume pipeline for Cinderpath

## Deliverables

### Nightly plume run

#### Definition of done

- The plume of the next day is there every morning at six.
- A run that fails tells the forecaster on duty.

#### Estimates

```{estimate-table}
-  - Move the model to the hub's cluster
   - 120h
   - 200h
-  - Schedule and watch the run
   - 60h
   - 90h
```

#### People

- Infrastructure Engineer

### Fuel map notebook

#### Definition of done

- A forecaster changes the fuel map and sees the new plume within ten minutes.

#### Estimates

```{estimate-table}
-  - Build the notebook with two forecasters
   - 24h
   - 36h
```

#### People

- App Engineer

## Out of scope

- Improving the model itself.
"""

SNOW_SCENES = """\
# Satellite scenes for Firnline

## Deliverables

### Scene catalogue on the hub

#### Definition of done

- Scenes of the last ten winters are found by pillow and date.

#### Estimates

```{estimate-table}
-  - Build the catalogue and keep it up to date
   - 180h
   - 290h
```

#### People

- Infrastructure Engineer

### Calibration template

#### Definition of done

- A field party calibrates one pillow with the template, without help.

#### Estimates

```{estimate-table}
-  - Write the template with one field party
   - 18h
   - 28h
```

#### People

- App Engineer

## Out of scope

- Buying scenes.
"""

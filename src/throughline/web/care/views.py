"""The doctor as a page: what is wrong with the installation, and what to do."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.intake.doctor import examine
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.moment import moment


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def doctor_page(request: PageRequest) -> HttpResponse:
    """Show what the checks find that ask nobody outside, so that the page comes at once."""
    return _page(request, outside=False)


@never_cache
@require_POST  # it calls other systems, which nobody should be led to by a link
@require(Permission.ADMINISTER)
def doctor_outside(request: PageRequest) -> HttpResponse:
    """Ask the systems outside too, and show everything."""
    return _page(request, outside=True)


def _page(request: PageRequest, *, outside: bool) -> HttpResponse:
    now = moment()
    checks = sorted(examine(at=now.at, outside=outside), key=lambda check: check.is_well)
    context = {
        "checks": checks,
        "to_mend": sum(not check.is_well for check in checks),
        "outside": outside,
        "looked_at": now.at,
    }
    return render(request, "care/doctor.html", context)

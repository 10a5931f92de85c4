"""Which towns a Japanese postcode stands for: public data of Japan Post, loaded by `manage.py load_postcodes`."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class PostalCode(models.Model):
    """One town of a postcode; several may share it."""

    code = models.CharField(_("postcode"), max_length=7, db_index=True)
    prefecture = models.CharField(_("prefecture"), max_length=10)
    city = models.CharField(_("city"), max_length=60)
    town = models.CharField(_("town"), max_length=100, blank=True)
    prefecture_kana = models.CharField(max_length=20, blank=True)
    city_kana = models.CharField(max_length=100, blank=True)
    town_kana = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("town of a postcode")
        verbose_name_plural = _("towns of postcodes")
        ordering: ClassVar = ["code", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "prefecture", "city", "town"], name="postal_code_town_once"),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """How an address there begins."""
        return f"{self.prefecture}{self.city}{self.town}"

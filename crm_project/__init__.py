"""Okami: the memory of the house."""

from crm_project.celery import app as celery_app

__all__ = ["celery_app"]

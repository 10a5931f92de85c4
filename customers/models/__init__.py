"""Tables of guests, cut by subject."""

from customers.models.attributes import Attribute, AttributeValue, FieldPurpose
from customers.models.companies import Company, CompanyQuerySet, Post
from customers.models.contacts import Contact, ContactQuerySet
from customers.models.gifts import Gift, GiftQuerySet
from customers.models.guests import (
    Address,
    Allergy,
    ContactConsent,
    Customer,
    CustomerEntry,
    CustomerQuerySet,
    GuestDiet,
    Phone,
    Rank,
)
from customers.models.handovers import Handover, HandoverGuest, HandoverGuestQuerySet, HandoverQuerySet
from customers.models.merges import DistinctPair, DuplicateProposal, Merge, MergedRow, OpenCard
from customers.models.postcodes import PostalCode
from customers.models.relations import KeepApart, Relation, SpecialDay

__all__ = [
    "Address",
    "Allergy",
    "Attribute",
    "AttributeValue",
    "Company",
    "CompanyQuerySet",
    "Contact",
    "ContactConsent",
    "ContactQuerySet",
    "Customer",
    "CustomerEntry",
    "CustomerQuerySet",
    "DistinctPair",
    "DuplicateProposal",
    "FieldPurpose",
    "Gift",
    "GiftQuerySet",
    "GuestDiet",
    "Handover",
    "HandoverGuest",
    "HandoverGuestQuerySet",
    "HandoverQuerySet",
    "KeepApart",
    "Merge",
    "MergedRow",
    "OpenCard",
    "Phone",
    "Post",
    "PostalCode",
    "Rank",
    "Relation",
    "SpecialDay",
]

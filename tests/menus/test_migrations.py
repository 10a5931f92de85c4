from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db(transaction=True)
def test_the_place_of_a_dish_keeps_its_value_under_its_new_name():
    before, after = ("menus", "0001_initial"), ("menus", "0002_dishes_in_depth")
    executor = MigrationExecutor(connection)
    executor.migrate([before])
    try:
        old: Any = executor.loader.project_state([before]).apps.get_model("menus", "Dish")
        old.objects.create(name="海老真薯", family="wanmono", season="autumn", search_key="海老真薯")
        executor = MigrationExecutor(connection)
        executor.migrate([after])
        new: Any = executor.loader.project_state([after]).apps.get_model("menus", "Dish")

        dish = new.objects.get()

        assert (dish.position, dish.family, dish.version, dish.is_signature) == ("wanmono", None, 1, False)
        dish.delete()
    finally:
        MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

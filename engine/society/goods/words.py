"""How goods, quantities and stocks read."""

from __future__ import annotations

from engine.society.goods.settings import GoodsSettings


class GoodsWords:
    """Words for goods and recipes. What does not exist reads as "nothing"."""

    def __init__(self, settings: GoodsSettings) -> None:
        self._kinds = tuple(settings.kinds.values())
        self._recipes = settings.recipes

    def good(self, good: int) -> str:
        """Return a good's word: "berries"."""
        return self._kinds[good].word if 0 <= good < len(self._kinds) else "nothing"

    def recipe(self, recipe: int) -> str:
        """Return what a recipe makes: "a tool"."""
        return self._recipes[recipe].words if 0 <= recipe < len(self._recipes) else "nothing"

    def amount(self, good: int, quantity: int) -> str:
        """Return a quantity of a good: "a tool", "a little wood", "some wood", "plenty of wood"."""
        word = self.good(good)
        if quantity == 1 and self._kinds[good].one:
            return self._kinds[good].one
        return f"a little {word}" if quantity == 1 else f"some {word}" if quantity < 4 else f"plenty of {word}"

    def having(self, have: int, keep: int) -> str:
        """Return how much one has of what one likes to keep: "none", "too little", "enough", "more than enough"."""
        if have == 0:
            return "none"
        return "too little" if have < keep else "enough" if have <= keep + 1 else "more than enough"

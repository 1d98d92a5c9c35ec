"""A member whose numbers were learnt in other studies, and how they are learnt."""

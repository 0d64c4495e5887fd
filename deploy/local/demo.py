"""People and programs to look around in, made through the public API as anybody could."""

ADMIN = "penelope@ithaca.example"
PASSWORD = "a loom by day and by night"
SIGN_INS = [(ADMIN, "administrator")]


def load_once(stack):
    """Loads the data on the first start."""

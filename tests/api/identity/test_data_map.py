"""The data map: which data, why, how long."""


def test_everybody_may_read_what_is_held_about_people(site):
    uses = site.get("/v1/data-map").ok()["uses"]
    assert {"identity", "programs", "notify", "gateway"} <= {use["service"] for use in uses}
    assert all(use["data"] and use["purpose"] and use["kept"] for use in uses)
    password = next(use for use in uses if use["data"] == "Password")
    assert password["protection"] == "Argon2id hash only"

"""The pages that links in mails lead to, in a browser (make test-browser installs it)."""

import shutil
import time

import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="make test-browser installs selenium")
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

if not shutil.which("chromedriver"):
    pytest.skip("make test-browser installs Chromium", allow_module_level=True)

OTHER = "twelve axes and a bow without a string"


def browser_in(language):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--lang={language}", f"--accept-lang={language}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


@pytest.fixture(scope="module")
def browser():
    """Reads English; nothing that its pages did was refused by their own policy."""
    opened = browser_in("en")
    yield opened
    violations = [entry["message"] for entry in opened.get_log("browser") if "Content Security Policy" in entry["message"]]
    opened.quit()
    assert violations == []


def wait_for(browser, title, seconds=10):
    end = time.monotonic() + seconds
    while browser.title != title:
        assert time.monotonic() < end, f"{browser.title} instead of {title}: {browser.find_element(By.TAG_NAME, 'main').text}"
        time.sleep(0.05)


def trouble(browser, seconds=10):
    end = time.monotonic() + seconds
    while not (text := browser.find_element(By.ID, "trouble").text):
        assert time.monotonic() < end, "nothing is said"
        time.sleep(0.05)
    return text


def link_of(mail):
    return next(link for link in mail.links if "token=" in link)


def press(browser, **given):
    for name, value in given.items():
        field = browser.find_element(By.ID, name)
        assert browser.find_element(By.CSS_SELECTOR, f"label[for={name}]").text
        field.clear()
        field.send_keys(value)
    browser.find_element(By.TAG_NAME, "button").click()


def test_an_address_is_verified_when_the_button_is_pressed_and_not_before(browser, site, mails):
    email = f"browser.{time.time_ns():x}@people.example"
    site.post("/v1/auth/register", {"email": email, "password": OTHER, "display_name": "Argos"}).ok(202)
    link = link_of(mails.wait_for(email, "verify_email"))
    browser.get(link)
    wait_for(browser, "Confirm your address")
    assert "token" not in browser.current_url
    site.post("/v1/auth/login", {"email": email, "password": OTHER}).problem(401, "INVALID_CREDENTIALS")
    press(browser)
    wait_for(browser, "Your address is confirmed")
    site.post("/v1/auth/login", {"email": email, "password": OTHER}).ok()
    browser.get("about:blank")
    browser.get(link)
    press(browser)
    assert trouble(browser) == "This link was used already."


def test_a_forgotten_password_is_set_anew(browser, site, mails, new_person):
    person = new_person()
    browser.get(site.url + "/reset-password")
    wait_for(browser, "Set a new password")
    press(browser, email=person.email)
    wait_for(browser, "Look into your mailbox")
    browser.get("about:blank")
    browser.get(link_of(mails.wait_for(person.email, "password_reset")))
    wait_for(browser, "Set a new password")
    press(browser, password="passwordpassword1")
    assert "easily guessed" in trouble(browser)
    press(browser, password=OTHER)
    wait_for(browser, "Your password is set")
    site.post("/v1/auth/login", {"email": person.email, "password": OTHER}).ok()


def test_somebody_invited_opens_an_account(browser, site, mails, admin):
    email = f"invited.{time.time_ns():x}@people.example"
    admin.post("/v1/admin/users", {"email": email}).ok(201)
    browser.get(link_of(mails.wait_for(email, "invitation")))
    wait_for(browser, "You are invited")
    press(browser, display_name="Nausicaa", email=email, password=OTHER)
    wait_for(browser, "Look into your mailbox")
    assert mails.wait_for(email, "verify_email")


def test_a_change_of_the_address_is_confirmed_and_taken_back(browser, site, mails, new_person):
    person, new = new_person(), f"new.{time.time_ns():x}@people.example"
    person.post("/v1/me/email-change", {"new_email": new}).ok(202)
    browser.get(link_of(mails.wait_for(new, "email_change_confirm")))
    press(browser)
    wait_for(browser, "Your new address is in force")
    browser.get(link_of(mails.wait_for(person.email, "email_changed")))
    press(browser)
    wait_for(browser, "Your former address is in force again")
    assert browser.find_element(By.CSS_SELECTOR, "#next a").get_attribute("href").endswith("/reset-password")


def test_one_kind_of_mail_is_ended(browser, admin, mails, new_person):
    person = new_person()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "SUPPORT"}).ok(201)
    links = mails.wait_for(person.email, "role_granted").links
    browser.get(next(link for link in links if "/unsubscribe#" in link))
    press(browser)
    wait_for(browser, "No more mails of this kind are sent")


def test_a_link_into_the_app_says_where_to_go(browser, site):
    browser.get(site.url + "/memberships/0190")
    wait_for(browser, "Sign in with your program’s app")
    assert not browser.find_element(By.TAG_NAME, "form").is_displayed()


def test_the_pages_speak_the_readers_language(site):
    german = browser_in("de")
    try:
        german.get(site.url + "/unlock#token=x")
        wait_for(german, "Ihr Konto wieder öffnen")
        assert german.find_element(By.TAG_NAME, "html").get_attribute("lang") == "de"
        press(german)
        assert trouble(german).startswith("Dieser Link ist unvollständig")
    finally:
        german.quit()

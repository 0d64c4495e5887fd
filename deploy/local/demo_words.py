"""What is said in Open Doors, the demo's running program."""

from demo_programs import choices, question

OPEN_DOORS = {
    "slug": "open-doors", "title": "Open Doors", "theme": "First jobs",
    "summary": "Under way since spring: people who open doors, and people who walk through them.",
    "about": "For those who look for their first job in a field, with somebody who has one. Pairs and small groups agree on what they want, "
             "meet every second week, and end on a day that they chose.",
    "objectives": ["Be seen by somebody who hires", "Finish something", "Leave with one more person to ask"],
    "mentor_responsibilities": "Open one door. Say what you see.",
    "mentee_responsibilities": "Come prepared, and say when it is too much.",
    "duration_min_days": 60, "duration_max_days": 365, "duration_default_days": 180,
    "sessions": 12, "session_minutes": 60, "session_every_days": 14, "matching_mode": "ASSIGNED",
    "mentor_admission": "OPEN", "mentee_admission": "OPEN", "anonymity": True, "certificate_rule": "agreement = in_force and goals_achieved >= 1",
    "required_policies": ["code-of-conduct"], "tags": ["first job", "career change"],
}
COHORT = ("Spring group", "Africa/Lagos", -40, 20, 1, 200)
MEMBERS = {key: "MENTOR" for key in ("giulia", "rajesh", "hannah", "yuki", "moses", "elif", "david", "kwame")} | {
    key: "MENTEE" for key in ("chiamaka", "lena", "thuy", "dmytro", "aisha", "pedro", "mei", "joao", "fatima", "olga")}

RULES = {"auto_accept": False, "acceptance_days": 7, "agreement_needed": True,
         "post_contact_rule": "You may stay in touch if both want to. Nobody has to answer.",
         "kickoff_items": [{"key": "hopes", "title": "What each of us hopes for"}, {"key": "limits", "title": "What we will not do"}]}
AGREEMENT = {
    "objectives": ["Finish one thing and show it", "Three practice interviews"], "scope": "Work, and the way to it.", "duration_days": 180,
    "clauses": [{"kind": "CONFIDENTIALITY", "text": "What is said stays between us."},
                {"kind": "COMMITMENT", "text": "We meet every second week and say a day ahead when we cannot."},
                {"kind": "BOUNDARIES", "text": "No calls after eight in the evening."}],
    "expected_results": "Something that can be shown to a stranger.", "out_of_scope": "A promise of work.",
    "sessions_planned": 12, "length_min": 60, "every_days": 14, "outline": [{"title": "Where do I stand?"}, {"title": "What will I make?"}],
}
MILESTONES = [
    {"title": "The agreement is signed", "owner_role": "EITHER", "due_days": 14, "completes_when": "AGREEMENT_SIGNED", "required": True},
    {"title": "A first goal is set", "owner_role": "MENTEE", "due_days": 30, "completes_when": "GOAL_SET", "required": True},
    {"title": "One door was opened", "owner_role": "MENTOR", "due_days": 90, "completes_when": "MANUAL"},
]
LEVELS = [{"value": value, "title": title} for value, title in enumerate(("Never", "Rarely", "Sometimes", "Often", "Mostly", "Always"))]
RUBRIC = [{"key": "asks", "title": "Asks for what they need", "levels": LEVELS},
          {"key": "finishes", "title": "Finishes what they begin", "levels": LEVELS}]
TRAINING = [{"key": "listening", "title": "Listening", "audience": "BOTH", "items": [
    {"key": "read", "title": "How to be quiet", "kind": "RESOURCE", "url": "https://ithaca.example/listening"},
    {"key": "quiz", "title": "And then?", "kind": "QUIZ", "pass_mark": 100, "questions": [
        {"key": "silence", "title": "Your partner is silent. You …", "right": ["wait"],
         "choices": [{"key": "wait", "title": "wait"}, {"key": "talk", "title": "talk about yourself"}]}]}]}]

# Title, text, and how far it got.
TASKS = (
    ("Write down what you do in an hour", "Ten lines, no adjectives.", ("start", "submit", "approve")),
    ("Explain your chart to somebody who hates charts", "Record what they ask.", ("start", "submit", "return")),
    ("Draft the letter", "One page.", ("start", "submit")),
    ("Find the person who would read it", "", ("start",)),
    ("List the questions you are afraid of", "We take the first three.", ()),
    ("Learn another language by Friday", "", ("cancel",)),
)
THREADS = (
    ("lena", "What do you say when they ask about the gap?", "Nine years in a kitchen are not a gap, but it says so on the form.",
     (("hannah", "Say what you ran: a team, a budget, a clock. Then stop talking."), ("thuy", "I brought a photo of my worst day. It worked."))),
    ("mei", "How long do you wait before you ask again?", "They said two weeks. It is three.", (("giulia", "Today. Kindly, in one line."),)),
    ("dmytro", "Does anybody read cover letters?", "Honestly.", ()),
)
ARTICLE = {"title": "Reading a job advertisement backwards", "audience": "ALL", "tags": ["applying"],
           "body": "The last lines say what they argue about. Begin there.\n\nThen look for what is missing: it is what nobody does yet."}
DRAFT_ARTICLE = {"title": "Your first week", "audience": "MENTEE", "body": "Learn three names a day, and where the coffee is."}
OFFER = {"kind": "JOB_SHADOW", "audience": "MENTEES", "title": "A day on call", "places": 2,
         "body": "Sit beside me while nothing happens, and when something does."}

STEPS = [{"title": "How is it going?", "questions": [
    question("mood", "How content are you with your mentorship?", "SCALE", min=1, max=5),
    question("again", "Would you do it again?", "SINGLE", choices=choices("Yes", "No")),
]}]
LEAVING = [{"title": "You", "questions": [question("exit-intent", "Are you thinking of leaving?", "CONSENT", required=False)]}]
SURVEYS = (
    {"title": "After the first month", "about": "Four minutes.", "audience": "BOTH", "trigger": "CADENCE", "open_days": 14,
     "anonymity": "CONFIDENTIAL", "steps": STEPS},
    {"title": "Are you staying?", "about": "Only your coordinator reads this.", "audience": "MENTEE", "trigger": "CADENCE", "open_days": 14,
     "anonymity": "NAMED", "steps": LEAVING},
)
SILENT = ("olga", "pedro", "aisha")


def content(key):
    return [{"key": "mood", "number": 3 + len(key) % 3}, {"key": "again", "choices": ["yes" if key != "elif" else "no"]}]


def staying(key):
    return [{"key": "exit-intent", "consent": key == "dmytro"}]


ANSWERS = (content, staying)

"""What the people of demo_people do here: three programs, their forms, and who applied where with what outcome."""


def question(key, title, kind, **more):
    return {"key": key, "title": title, "kind": kind, "required": True, **more}


def choices(*titles):
    return [{"key": title.lower().replace(" ", "-"), "title": title} for title in titles]


WHY = question("why", "Why do you want to take part?", "LONG", min=10, max=2000)
HOURS = question("hours", "How many hours a month can you give?", "NUMBER", min=1, max=40)
CODE = question("code", "I have read the code of conduct and will keep to it.", "CONSENT")
ABOUT_MENTOR = [
    {"title": "You as a mentor", "questions": [WHY, HOURS, question(
        "style", "How do you like to work?", "SINGLE", choices=choices("Listening", "Challenging", "Showing"))]},
    {"title": "Agreement", "questions": [CODE]},
]
ABOUT_MENTEE = [
    {"title": "What you look for", "questions": [WHY, question(
        "wishes", "What matters most, the dearest first?", "RANKED", min=1,
        choices=choices("Finding work", "Learning a skill", "Meeting people", "Making a plan"))]},
    {"title": "Agreement", "questions": [CODE]},
]

FIRST_STEPS = {
    "slug": "first-steps-in-tech", "title": "First Steps in Tech", "theme": "Career change",
    "summary": "Half a year with somebody who does the work you want to do.",
    "about": "For people who come to software, data or security from somewhere else. You meet every second week, work on something of "
             "your own, and end with a conversation that could be an interview.\n\nMentors are people in the job, not teachers.",
    "objectives": ["Know what a working day in the field looks like", "Finish one thing and show it", "Be ready for an interview"],
    "mentor_responsibilities": "Be there every second week, be honest about the work, and open one door.",
    "mentee_responsibilities": "Prepare each meeting, bring something you made, and say when you are stuck.",
    "duration_min_days": 90, "duration_max_days": 270, "duration_default_days": 180,
    "sessions": 12, "session_minutes": 60, "session_every_days": 14, "matching_mode": "MENTEE_CHOICE",
    "required_policies": ["code-of-conduct"], "tags": ["software", "career change"],
}
RESEARCH = {
    "slug": "research-bridges", "title": "Research Bridges", "theme": "Early-career research",
    "summary": "For doctoral students and postdocs who want to decide what comes next.",
    "about": "A year in which somebody from outside your group thinks with you: about the next paper, the next job, or leaving well.\n\n"
             "What is said stays between the two of you.",
    "objectives": ["Make a plan for the next two years", "Write one thing that is read", "Know three people outside your institute"],
    "mentor_responsibilities": "Think with the mentee, not for them. Keep what you hear to yourself.",
    "mentee_responsibilities": "Set the agenda. Decide yourself.",
    "duration_min_days": 180, "duration_max_days": 540, "duration_default_days": 365,
    "sessions": 12, "session_minutes": 90, "session_every_days": 30, "matching_mode": "BOTH_CHOICE",
    "required_policies": ["code-of-conduct", "confidentiality"], "tags": ["research"], "mentee_capacity": 4,
}
NEIGHBOURS = {
    "slug": "buenos-vecinos", "title": "Buenos Vecinos", "theme": "Arriving",
    "summary": "Newcomers and people who know the place, an hour a week.",
    "about": "Language, letters from the town hall, a first job, a second friend. Open to everybody who arrived in the last three years.",
    "objectives": ["Feel at home", "Find one's way through offices", "Meet people"],
    "mentor_responsibilities": "An hour a week, patience, and your knowledge of the place.",
    "mentee_responsibilities": "Say what you need, and come when you said you would.",
    "duration_min_days": 60, "duration_max_days": 365, "duration_default_days": 120,
    "sessions": 16, "session_minutes": 60, "session_every_days": 7, "matching_mode": "ASSIGNED",
    "mentee_admission": "OPEN", "required_policies": ["code-of-conduct"], "tags": ["community", "language"],
}

# Which program, by whom, and its cohort: name, zone, and days from today to when registration opens and closes, it starts and ends.
PROGRAMS = (
    (FIRST_STEPS, "amara", ("Autumn group", "Africa/Lagos", -10, 20, 30, 210)),
    (RESEARCH, "ingrid", ("Year of 2027", "Europe/Copenhagen", -20, 10, 40, 405)),
    (NEIGHBOURS, "luis", ("Primavera", "America/Bogota", -5, 60, 10, 300)),
)

# Who applied where as what, and how far it got; with a reason or a question where there is one.
APPLICATIONS = (
    ("giulia", "first-steps-in-tech", "MENTOR", "APPROVED"), ("rajesh", "first-steps-in-tech", "MENTOR", "APPROVED"),
    ("hannah", "first-steps-in-tech", "MENTOR", "APPROVED"), ("yuki", "first-steps-in-tech", "MENTOR", "UNDER_REVIEW"),
    ("moses", "first-steps-in-tech", "MENTOR", "INFO_REQUESTED", "Which of the two start-ups still runs, and would it take an intern?"),
    ("elif", "first-steps-in-tech", "MENTOR", "SUBMITTED"), ("chiamaka", "first-steps-in-tech", "MENTEE", "APPROVED"),
    ("lena", "first-steps-in-tech", "MENTEE", "APPROVED"), ("fatima", "first-steps-in-tech", "MENTEE", "SUBMITTED"),
    ("dmytro", "first-steps-in-tech", "MENTEE", "PAUSED"), ("thuy", "first-steps-in-tech", "MENTEE", "UNDER_REVIEW"),
    ("aisha", "first-steps-in-tech", "MENTEE", "DRAFT"), ("pedro", "first-steps-in-tech", "MENTEE", "REJECTED", "NOT_NOW"),
    ("mei", "first-steps-in-tech", "MENTEE", "APPROVED"), ("olga", "first-steps-in-tech", "MENTEE", "WITHDRAWN"),
    ("claire", "research-bridges", "MENTOR", "APPROVED"), ("kwame", "research-bridges", "MENTOR", "APPROVED"),
    ("marta", "research-bridges", "MENTOR", "SUBMITTED"), ("david", "research-bridges", "MENTOR", "WAITLISTED"),
    ("siobhan", "research-bridges", "MENTOR", "REJECTED", "NOT_A_FIT"), ("samuel", "research-bridges", "MENTEE", "APPROVED"),
    ("eszter", "research-bridges", "MENTEE", "APPROVED"), ("bilal", "research-bridges", "MENTEE", "APPROVED"),
    ("anouk", "research-bridges", "MENTEE", "INFO_REQUESTED", "Would a mentor from publishing suit you better than one from research?"),
    ("priya", "research-bridges", "MENTEE", "APPROVED"), ("joao", "research-bridges", "MENTEE", "WAITLISTED"),
    ("hana", "research-bridges", "MENTEE", "SUBMITTED"), ("sofia", "buenos-vecinos", "MENTOR", "APPROVED"),
    ("jose", "buenos-vecinos", "MENTOR", "APPROVED"), ("anneliese", "buenos-vecinos", "MENTOR", "UNDER_REVIEW"),
    ("tariq", "buenos-vecinos", "MENTEE", "SUBMITTED"), ("oksana", "buenos-vecinos", "MENTEE", "SUBMITTED"),
    ("daniel", "buenos-vecinos", "MENTEE", "REMOVED", "INACTIVE"), ("grace", "buenos-vecinos", "MENTEE", "DRAFT"),
)

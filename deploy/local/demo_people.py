"""Who is there to look around with: forty people from many places, and what each wants."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    key: str  # of the address: key@ithaca.example
    name: str
    locale: str
    zone: str
    country: str
    headline: str
    skills: tuple
    languages: tuple
    why: str = ""  # what the person writes into a form

    @property
    def email(self):
        return f"{self.key}@ithaca.example"


STAFF = (
    Person("penelope", "Penelope Arvanitis", "en", "Europe/Athens", "GR", "Runs this site", ("leadership",), ("el", "en")),
    Person("tomas", "Tomáš Dvořák", "en", "Europe/Prague", "CZ", "Safety officer, social worker by training",
           ("social-work", "conflict-resolution"), ("cs", "en")),
    Person("amara", "Amara Okonkwo", "en", "Africa/Lagos", "NG", "Coordinates First Steps in Tech",
           ("community-building", "facilitation"), ("en", "ig")),
    Person("ingrid", "Ingrid Sørensen", "en", "Europe/Copenhagen", "DK", "Coordinates Research Bridges",
           ("research-methods", "event-management"), ("da", "en")),
    Person("luis", "Luis Ángel Herrera", "es", "America/Bogota", "CO", "Coordina Buenos Vecinos",
           ("volunteering", "project-management"), ("es", "en")),
    Person("noor", "Noor Haddad", "en", "Asia/Amman", "JO", "Answers your questions about accounts", ("customer-service",), ("ar", "en")),
)

MENTORS = (
    Person("giulia", "Giulia Conti", "en", "Europe/Rome", "IT", "Backend engineer, fourteen years in payments",
           ("backend-development", "databases", "python"), ("it", "en"),
           "Somebody took an hour a week for me when I began. I would like to pass that on."),
    Person("rajesh", "ராஜேஷ் சுப்ரமணியன்", "en", "Asia/Kolkata", "IN", "Cloud architect and Saturday teacher",
           ("cloud-architecture", "devops", "teaching"), ("ta", "en"),
           "I teach at a village school on Saturdays and miss going deep with one person."),
    Person("hannah", "Hannah Lindqvist", "en", "Europe/Stockholm", "SE", "Product manager in public transport",
           ("product-management", "ux-research"), ("sv", "en"), "I changed career at 34 and know what the first year feels like."),
    Person("yuki", "田中 由紀", "en", "Asia/Tokyo", "JP", "Embedded systems, from cameras to satellites",
           ("embedded-systems", "c", "electrical-engineering"), ("ja", "en"),
           "There are few women in my field; I want the next ones to have company."),
    Person("moses", "Moses Wanjiru", "en", "Africa/Nairobi", "KE", "Mobile developer, founder of two start-ups",
           ("android-development", "entrepreneurship"), ("sw", "en"), "I can help with the step from a course to a product people use."),
    Person("elif", "Elif Yıldırım", "en", "Europe/Istanbul", "TR", "Security analyst", ("cybersecurity", "systems-administration"),
           ("tr", "en"), "Security looks closed from outside. It is not, if somebody opens the door."),
    Person("claire", "Claire Dubois-Martin", "fr", "Europe/Paris", "FR", "Biostatisticienne à l'Inserm",
           ("statistics", "r", "clinical-research"), ("fr", "en"),
           "Doctoral students here often meet a statistician too late. I would rather meet them early."),
    Person("kwame", "Kwame Asante-Boateng", "en", "Africa/Accra", "GH", "Agricultural scientist, twenty years of field trials",
           ("research-methods", "scientific-writing"), ("en", "ak"), "I have sat on many hiring panels and can say what they look for."),
    Person("marta", "Marta Wiśniewska", "en", "Europe/Warsaw", "PL", "Science editor", ("scientific-writing", "editing"), ("pl", "en"),
           "Writing is a craft that can be taught; I teach it one paper at a time."),
    Person("david", "דוד בן־עמי", "en", "Asia/Jerusalem", "IL", "From physics to industry and half-way back",
           ("machine-learning", "mathematics", "career-planning"), ("he", "en"), "I know both sides of the fence."),
    Person("siobhan", "Siobhán Ní Dhomhnaill", "en", "Europe/Dublin", "IE", "Professor of chemistry, former union rep",
           ("laboratory-work", "negotiation"), ("en", "ga"), "Careers in research need allies as much as advice."),
    Person("sofia", "Σοφία Παπαδοπούλου", "en", "Europe/Athens", "GR", "Runs a bakery with nine people",
           ("entrepreneurship", "human-resources"), ("el", "en"), "Newcomers taught me half of what I know about bread."),
    Person("jose", "José Eduardo Cárdenas", "es", "America/Mexico_City", "MX", "Enfermero y vecino", ("nursing", "social-work"),
           ("es", "en"), "Cuando llegué a la ciudad, una vecina me abrió su casa."),
    Person("anneliese", "Anneliese Grüber", "de", "Europe/Vienna", "AT", "Lehrerin im Ruhestand", ("teaching", "translation"),
           ("de", "fr"), "Ich habe Zeit, und ich höre gern zu."),
)

MENTEES = (
    Person("chiamaka", "Chiamaka Eze", "en", "Africa/Lagos", "NG", "From accounting to data", ("accounting", "data-analysis"),
           ("en", "ig"), "I taught myself SQL at night. Now I want to know what a working day looks like."),
    Person("lena", "Lena Hoffmann", "de", "Europe/Berlin", "DE", "Quereinsteigerin, vorher Köchin", ("web-development",), ("de", "en"),
           "In der Küche habe ich gelernt, unter Druck ruhig zu bleiben. Beim Programmieren fehlt mir noch jemand zum Fragen."),
    Person("fatima", "فاطمة الزهراء بناني", "fr", "Africa/Casablanca", "MA", "Étudiante en informatique", ("java", "databases"),
           ("ar", "fr"), "Je voudrais préparer mes premiers entretiens avec quelqu'un qui en mène."),
    Person("dmytro", "Дмитро Шевченко", "en", "Europe/Kyiv", "UA", "Quality engineer, moving to backend", ("quality-assurance", "python"),
           ("uk", "en"), "I find bugs for a living. I would like to make fewer of them."),
    Person("thuy", "Nguyễn Thị Thùy", "en", "Asia/Ho_Chi_Minh", "VN", "Designer who codes", ("ui-design", "frontend-development"),
           ("vi", "en"), "I want to understand what happens behind my screens."),
    Person("aisha", "Aisha Abdullahi", "en", "Africa/Mogadishu", "SO", "First year of software engineering", ("programming",),
           ("so", "en"), "Nobody in my family has worked with computers. I want to see how it is done."),
    Person("pedro", "Pedro Henrique Alves", "en", "America/Sao_Paulo", "BR", "Support technician", ("systems-administration",),
           ("pt-BR", "en"), "After six years of answering tickets I want to build what others open tickets about."),
    Person("mei", "陳美玲", "en", "Asia/Taipei", "TW", "Back to work after eight years with children", ("mathematics", "python"),
           ("zh-TW", "en"), "The tools changed while I was away. The thinking did not."),
    Person("olga", "Olga Petrović", "en", "Europe/Belgrade", "RS", "Librarian learning about data", ("data-visualisation",),
           ("sr", "en"), "Catalogues are databases with better manners."),
    Person("samuel", "Samuel Tesfaye", "en", "Africa/Addis_Ababa", "ET", "Doctoral student in hydrology", ("research-methods", "r"),
           ("am", "en"), "My models run. My papers do not, yet."),
    Person("eszter", "Kovács Eszter", "en", "Europe/Budapest", "HU", "Postdoc in neuroscience", ("laboratory-work", "statistics"),
           ("hu", "en"), "Third postdoc. I would like to decide, not drift."),
    Person("bilal", "بلال احمد", "en", "Asia/Karachi", "PK", "Materials scientist", ("laboratory-work",), ("ur", "en"),
           "I want to move to industry without pretending that the last five years were a mistake."),
    Person("anouk", "Anouk van der Meer", "en", "Europe/Amsterdam", "NL", "Historian of medicine", ("journalism", "scientific-writing"),
           ("nl", "en"), "I write for twelve readers and would like to write for twelve hundred."),
    Person("priya", "प्रिया शर्मा", "en", "Asia/Kolkata", "IN", "Doctoral student in genetics", ("clinical-research", "statistics"),
           ("hi", "en"), "My supervisor is kind and far away."),
    Person("joao", "João Pedro Carvalho", "en", "Europe/Lisbon", "PT", "Physicist between contracts", ("mathematics", "machine-learning"),
           ("pt", "en"), "I have three months to find out what I am good for outside the lab."),
    Person("hana", "Hana Novotná", "en", "Europe/Prague", "CZ", "Chemist and choir singer", ("laboratory-work", "grant-writing"),
           ("cs", "en"), "I wrote two grants alone and got neither. Time to ask."),
    Person("tariq", "طارق السوري", "de", "Europe/Berlin", "DE", "Schreiner, seit einem Jahr in Berlin", ("mechanical-engineering",),
           ("ar", "de"), "Ich kann Möbel bauen. Jetzt möchte ich Rechnungen schreiben, die stimmen."),
    Person("oksana", "Оксана Бойко", "en", "Europe/Dublin", "IE", "Pharmacist, new in Dublin", ("medical-writing",), ("uk", "en"),
           "My diploma is being recognised. Meanwhile I want to learn how people here work and talk."),
    Person("daniel", "Daniel Quispe Mamani", "es", "America/Lima", "PE", "Cocinero y padre de dos", ("logistics",), ("es", "qu"),
           "Quiero abrir un puesto pequeño y no sé por dónde empezar."),
    Person("grace", "Grace Mutesi", "en", "Africa/Kigali", "RW", "Nurse, soon in Vienna", ("nursing",), ("rw", "en"),
           "I would like to know one person before I arrive."),
)

EVERYBODY = STAFF + MENTORS + MENTEES

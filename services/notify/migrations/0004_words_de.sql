insert into template (kind, locale, title, body, action) values
('verify_email', 'de', 'Bestätigen Sie Ihre Adresse für {site}',
'Jemand, hoffentlich Sie, hat mit dieser Adresse ein Konto bei {site} eröffnet. Bestätigen Sie sie, um zu beginnen.

Der Link gilt bis {expires_at, date}. Waren Sie es nicht, tun Sie nichts: ohne Bestätigung wird das Konto entfernt.',
'Adresse bestätigen'),
('registration_repeated', 'de', 'Sie haben schon ein Konto bei {site}',
'Jemand, hoffentlich Sie, wollte mit dieser Adresse ein Konto bei {site} eröffnen. Es gibt schon eines: Melden Sie sich damit an.

Wenn Sie das Passwort vergessen haben, können Sie auf der Anmeldeseite ein neues setzen. Waren Sie es nicht, tun Sie nichts.',
'Anmelden'),
('password_reset', 'de', 'Neues Passwort für {site}',
'Jemand, hoffentlich Sie, möchte ein neues Passwort für Ihr Konto setzen.

Der Link gilt einmal, bis {expires_at, date}. Waren Sie es nicht, tun Sie nichts: Ihr Passwort bleibt, wie es ist.',
'Neues Passwort setzen'),
('password_changed', 'de', 'Ihr Passwort wurde geändert',
'Das Passwort Ihres Kontos wurde am {at, date} geändert. Überall sonst wurden Sie abgemeldet.

Waren Sie es nicht, setzen Sie sofort ein neues Passwort und sagen Sie uns Bescheid.',
'Konto ansehen'),
('account_locked', 'de', 'Die Anmeldung bei {site} ist vorübergehend gesperrt',
'Es gab zu viele fehlgeschlagene Anmeldungen an Ihrem Konto. Zu Ihrem Schutz kann sich bis {locked_until, date} niemand anmelden.

Wenn die Versuche von Ihnen waren, können Sie es jetzt wieder öffnen.',
'Konto öffnen'),
('account_suspended', 'de', 'Ihr Konto bei {site} ist gesperrt',
'Ihr Konto wurde gesperrt; Sie können sich im Moment nicht anmelden.

Sie können um eine Überprüfung der Entscheidung bitten.',
'Überprüfung verlangen'),
('account_reinstated', 'de', 'Ihr Konto bei {site} ist wieder offen',
'Ihr Konto ist wieder offen. Sie können sich anmelden wie zuvor.',
'Zu {site}'),
('account_deactivated', 'de', 'Ihr Konto bei {site} ruht',
'Ihr Konto ruht, wie Sie es wollten: Alle Sitzungen sind beendet, und niemand sieht Ihr Profil.

Bis {return_until, date} weckt eine Anmeldung es wieder. Waren Sie es nicht, melden Sie sich an und setzen Sie ein neues Passwort.',
'Anmelden'),
('new_device', 'de', 'Neue Anmeldung an Ihrem Konto',
'An Ihrem Konto hat sich am {at, date} ein Gerät angemeldet, das wir noch nicht kannten.

Waren Sie es, ist nichts zu tun. Sonst beenden Sie die Sitzung und setzen Sie ein neues Passwort.',
'Sitzungen ansehen'),
('refresh_reused', 'de', 'Eine Ihrer Sitzungen wurde zur Sicherheit beendet',
'Am {at, date} wurde ein Schlüssel einer Ihrer Sitzungen ein zweites Mal benutzt. Vielleicht hat ihn jemand kopiert, deshalb haben wir die Sitzung beendet.

Melden Sie sich neu an und sehen Sie Ihre Sitzungen durch.',
'Sitzungen ansehen'),
('mfa_changed', 'de', '{change, select, TOTP_ADDED {Anmeldung in zwei Schritten ist an} TOTP_REMOVED {Anmeldung in zwei Schritten ist aus} RECOVERY_CODES_RENEWED {Sie haben neue Notfallcodes} other {Ein Notfallcode wurde benutzt}}',
'{change, select, TOTP_ADDED {Am {at, date} wurde Ihrem Konto ein Authenticator hinzugefügt.} TOTP_REMOVED {Am {at, date} wurde der Authenticator von Ihrem Konto entfernt.} RECOVERY_CODES_RENEWED {Am {at, date} wurden neue Notfallcodes erzeugt. Die alten gelten nicht mehr.} other {Am {at, date} wurde ein Notfallcode zur Anmeldung benutzt. {codes_left, plural, =0 {Es ist keiner mehr übrig: Erzeugen Sie neue.} one {Es ist noch # übrig.} other {Es sind noch # übrig.}}}}

Waren Sie es nicht, setzen Sie sofort ein neues Passwort und sagen Sie uns Bescheid.',
'Konto ansehen'),
('email_change_confirm', 'de', 'Bestätigen Sie Ihre neue Adresse für {site}',
'Sie möchten diese Adresse für Ihr Konto bei {site} benutzen. Sie gilt, sobald Sie bestätigen.

Der Link gilt bis {expires_at, date}. Waren Sie es nicht, tun Sie nichts.',
'Neue Adresse bestätigen'),
('email_change_requested', 'de', 'Ihre Adresse bei {site} soll geändert werden',
'{by, select, ADMIN {Die Verwaltung von {site} ändert die Adresse Ihres Kontos in eine, die ihr als Ihre genannt wurde. Sie gilt, sobald die neue Adresse bestätigt; danach können Sie das drei Tage lang zurücknehmen.} other {Am {at, date} hat jemand, der als Sie angemeldet war, eine andere Adresse für Ihr Konto verlangt. Sie gilt, sobald die neue Adresse bestätigt.}}

Waren Sie es nicht, setzen Sie jetzt ein neues Passwort.',
'Konto ansehen'),
('email_correction', 'de', 'Haben Sie eine andere Adresse?',
'Die Verwaltung von {site} schlägt für Ihr Konto eine andere Adresse vor. Sie ändert sich, wenn Sie zustimmen; benutzen Sie diese Adresse nicht mehr, kann eine zweite Person der Verwaltung zustimmen, sobald sie sich vergewissert hat, dass Sie es sind.

Der Link gilt bis {expires_at, date}.',
'Vorschlag ansehen'),
('email_changed', 'de', 'Ihre Adresse bei {site} wurde geändert',
'Ihr Konto bei {site} benutzt ab jetzt eine andere Adresse; dies ist die letzte Mail an diese.

Waren Sie es nicht, nehmen Sie die Änderung zurück. Das geht bis {revert_until, date}.',
'Änderung zurücknehmen'),
('email_change_reverted', 'de', 'Ihre frühere Adresse gilt wieder',
'Die Änderung Ihrer Adresse wurde zurückgenommen, alle Sitzungen wurden beendet. Setzen Sie ein neues Passwort, bevor Sie sich wieder anmelden.',
'Neues Passwort setzen'),
('role_granted', 'de', '{role, select, ADMIN {Sie verwalten {site}} SUPPORT {Sie gehören zum Support} SAFETY_OFFICER {Sie sind Schutzbeauftragte Person} COORDINATOR {Sie koordinieren ein Programm} other {Sie haben eine neue Rolle}}',
'{role, select, ADMIN {Sie können jetzt Personen, Programme und Einstellungen verwalten.} SUPPORT {Sie können jetzt anderen mit ihren Konten helfen.} SAFETY_OFFICER {Sie können jetzt Meldungen und Fälle bearbeiten.} COORDINATOR {Sie können jetzt ein Programm gestalten, Jahrgänge öffnen und über Anmeldungen entscheiden.} other {Sie können jetzt mehr als zuvor.}}',
'Rollen ansehen'),
('invitation', 'de', 'Einladung zu {program, select, none {{site}} other {{program}}}',
'{program, select, none {Sie sind zu {site} eingeladen.} other {Sie sind zum Mentoring-Programm „{program}“ eingeladen{role, select, MENTOR {, als Mentorin oder Mentor} MENTEE {, als Mentee} COORDINATOR {, für die Koordination} other {}}.}}

Die Einladung gilt bis {expires_at, date}.',
'Einladung ansehen'),
('membership_received', 'de', 'Ihre Anmeldung für {program} ist da',
'Danke für Ihre Anmeldung zu „{program}“ als {role, select, MENTOR {Mentorin oder Mentor} other {Mentee}}. Die Koordination sieht sie an, und Sie hören von uns.',
'Anmeldung ansehen'),
('membership_approved', 'de', 'Sie haben einen Platz in {program}',
'Ihre Anmeldung zu „{program}“ als {role, select, MENTOR {Mentorin oder Mentor} other {Mentee}} wurde angenommen.{starts_on, select, none {} other { Es beginnt am {starts_on, day}.}}',
'Sehen, wie es weitergeht'),
('membership_rejected', 'de', 'Zu Ihrer Anmeldung für {program}',
'Danke für Ihr Interesse an „{program}“. Dieses Mal können wir Ihnen keinen Platz als {role, select, MENTOR {Mentorin oder Mentor} other {Mentee}} anbieten.

Was entschieden wurde und ob Sie sich wieder anmelden können, steht in Ihrer Anmeldung.',
'Anmeldung ansehen'),
('membership_waitlisted', 'de', 'Sie stehen auf der Warteliste von {program}',
'„{program}“ ist im Moment voll. Sie stehen auf der Warteliste und rücken von selbst nach, wenn ein Platz frei wird.',
'Anmeldung ansehen'),
('membership_removed', 'de', 'Sie nehmen nicht mehr an {program} teil',
'Die Koordination hat Ihre Teilnahme an „{program}“ beendet. Was entschieden wurde, steht in Ihrer Anmeldung.',
'Anmeldung ansehen'),
('info_requested', 'de', 'Eine Frage zu Ihrer Anmeldung für {program}',
'Die Koordination hat eine Frage zu Ihrer Anmeldung für „{program}“ und wartet auf Ihre Antwort.',
'Frage beantworten'),
('mentor_welcome', 'de', 'Willkommen bei {program}',
'Sie begleiten jetzt Mentees in „{program}“. Danke für Ihre Zeit.{starts_on, select, none {} other { Es beginnt am {starts_on, day}.}}

Sehen Sie Ihr Profil noch einmal durch: Es ist das Erste, was Ihre Mentee oder Ihr Mentee sieht.',
'Zum Programm'),
('mentee_welcome', 'de', 'Willkommen bei {program}',
'Sie sind jetzt Mentee in „{program}“.{starts_on, select, none {} other { Es beginnt am {starts_on, day}.}}

Schreiben Sie auf, was Sie erreichen möchten: Das hilft, die passende Begleitung zu finden.',
'Zum Programm'),
('match_published', 'de', '{role, select, MENTOR {Wir haben einen Mentee für Sie} other {Wir haben einen Mentor für Sie}} in {program}',
'{role, select, MENTOR {Wir möchten Sie mit einem Mentee zusammenbringen} other {Wir möchten Sie mit einem Mentor zusammenbringen}}, im Programm „{program}“. Lesen Sie, wer es ist, und sagen Sie, ob Sie annehmen.',
'Vorschlag ansehen'),
('membership_to_review', 'de', 'Neue Anmeldung für {program}',
'Jemand möchte an „{program}“ als {role, select, MENTOR {Mentorin oder Mentor} other {Mentee}} teilnehmen.',
'Anmeldungen ansehen'),
('info_answered', 'de', 'Eine Frage wurde beantwortet: {program}',
'Jemand, der an „{program}“ teilnehmen möchte, hat Ihre Frage beantwortet.',
'Anmeldungen ansehen'),
('program_to_approve', 'de', '{program} wartet auf Freigabe',
'Die Gestaltung von „{program}“ ist fertig und wartet auf die Verwaltung.',
'Programm ansehen'),
('digest', 'de', '{count, plural, one {# Neuigkeit} other {# Neuigkeiten}} bei {site}',
'Was seit unserer letzten Mail geschehen ist:',
'Zu {site}'),
('program_published', 'de', '{program} ist veröffentlicht',
'„{program}“ steht jetzt im Katalog.',
'Programm ansehen'),
('program_rejected', 'de', '{program} kam zurück',
'„{program}“ wurde noch nicht veröffentlicht. Was fehlt, steht bei der Gestaltung.',
'Programm ansehen');

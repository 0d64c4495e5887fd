insert into template (kind, locale, title, body, action) values
('verify_email', 'en', 'Confirm your address for {site}',
'Somebody, hopefully you, opened an account at {site} with this address. Confirm it to begin.

The link works until {expires_at, date}. If it was not you, do nothing: without confirmation the account is removed.',
'Confirm your address'),
('registration_repeated', 'en', 'You have an account at {site} already',
'Somebody, hopefully you, tried to open an account at {site} with this address. It has one already: sign in with it.

If you forgot the password, you can set another one from the sign-in page. If it was not you, do nothing.',
'Sign in'),
('password_reset', 'en', 'Set another password for {site}',
'Somebody, hopefully you, asked to set another password for your account.

The link works once, until {expires_at, date}. If it was not you, do nothing: your password stays as it is.',
'Set another password'),
('password_changed', 'en', 'Your password was changed',
'The password of your account was changed on {at, date}. Everywhere else you have been signed out.

If it was not you, set another password at once and tell us.',
'Look at your account'),
('account_locked', 'en', 'Signing in to {site} is closed for a while',
'There were too many failed attempts to sign in to your account. To keep it safe nobody can sign in until {locked_until, date}.

If the attempts were yours, you can open it again now.',
'Open the account'),
('account_suspended', 'en', 'Your account at {site} is suspended',
'Your account has been suspended, so you cannot sign in at the moment.

You can ask for the decision to be looked at again.',
'Ask for a review'),
('account_reinstated', 'en', 'Your account at {site} is open again',
'Your account is open again. You can sign in as before.',
'Go to {site}'),
('account_deactivated', 'en', 'Your account at {site} rests',
'Your account was put to rest as you asked: every session has ended, and nobody sees your profile.

Signing in wakes it again, until {return_until, date}. If it was not you, sign in and set another password.',
'Sign in'),
('new_device', 'en', 'New sign-in to your account',
'Your account was signed in to from a device that we had not seen before, on {at, date}.

If it was you, there is nothing to do. If not, end the session and set another password.',
'See where you are signed in'),
('refresh_reused', 'en', 'A session of yours was ended for safety',
'On {at, date} a key of one of your sessions was used a second time. This can mean that somebody copied it, so we ended that session.

Sign in again. If you use shared or lost devices, look through your sessions.',
'See where you are signed in'),
('mfa_changed', 'en', '{change, select, TOTP_ADDED {Two-step sign-in is on} TOTP_REMOVED {Two-step sign-in is off} RECOVERY_CODES_RENEWED {You have new recovery codes} other {A recovery code was used}}',
'{change, select, TOTP_ADDED {An authenticator was added to your account on {at, date}.} TOTP_REMOVED {The authenticator was removed from your account on {at, date}.} RECOVERY_CODES_RENEWED {New recovery codes were made on {at, date}. The former ones no longer work.} other {A recovery code was used to sign in on {at, date}. {codes_left, plural, =0 {None is left: make new ones.} one {# is left.} other {# are left.}}}}

If it was not you, set another password at once and tell us.',
'Look at your account'),
('email_change_confirm', 'en', 'Confirm your new address for {site}',
'You asked to use this address for your account at {site}. It takes effect when you confirm.

The link works until {expires_at, date}. If it was not you, do nothing.',
'Confirm the new address'),
('email_change_requested', 'en', 'Your address at {site} is about to change',
'{by, select, ADMIN {The administrators of {site} are changing the address of your account to one that they were told is yours. It takes effect when the new address confirms; you can take it back within three days after that.} other {On {at, date} somebody who was signed in as you asked to change the address of your account. It takes effect when the new address confirms.}}

If it was not you, set another password now.',
'Look at your account'),
('email_correction', 'en', 'Is there another address for you?',
'An administrator of {site} proposes another address for your account. It changes when you agree; if you do not use this address any more, a second administrator can agree once they have made sure of you.

The link works until {expires_at, date}.',
'Look at the proposal'),
('email_changed', 'en', 'Your address at {site} was changed',
'Your account at {site} uses another address from now on; this is the last mail to this one.

If it was not you, take it back. This is possible until {revert_until, date}.',
'Take the change back'),
('email_change_reverted', 'en', 'Your address is the former one again',
'The change of your address was taken back, and every session was ended. Set another password before you sign in again.',
'Set another password'),
('role_granted', 'en', '{role, select, ADMIN {You administer {site}} SUPPORT {You are part of support} SAFETY_OFFICER {You are a safety officer} COORDINATOR {You coordinate a program} other {You have a new role}}',
'{role, select, ADMIN {You can now manage people, programs and settings.} SUPPORT {You can now help people with their accounts.} SAFETY_OFFICER {You can now handle reports and cases.} COORDINATOR {You can now design a program, open its cohorts and decide about registrations.} other {You can now do more than before.}}',
'See your roles'),
('invitation', 'en', 'You are invited to {program, select, none {{site}} other {{program}}}',
'{program, select, none {You are invited to join {site}.} other {You are invited to join the mentoring program “{program}”{role, select, MENTOR { as a mentor} MENTEE { as a mentee} COORDINATOR { as a coordinator} other {}}.}}

The invitation is open until {expires_at, date}.',
'Look at the invitation'),
('membership_received', 'en', 'We have your registration for {program}',
'Thank you for registering for “{program}” as a {role, select, MENTOR {mentor} other {mentee}}. A coordinator will look at it, and you will hear from us.',
'See your registration'),
('membership_approved', 'en', 'You have a place in {program}',
'Your registration for “{program}” as a {role, select, MENTOR {mentor} other {mentee}} was approved.{starts_on, select, none {} other { It begins on {starts_on, day}.}}',
'See what comes next'),
('membership_rejected', 'en', 'About your registration for {program}',
'Thank you for your interest in “{program}”. This time we cannot offer you a place as a {role, select, MENTOR {mentor} other {mentee}}.

What was decided, and whether you can register again, is in your registration.',
'See your registration'),
('membership_waitlisted', 'en', 'You are on the wait list of {program}',
'“{program}” is full at the moment. You are on the wait list and move up by yourself when a place is free.',
'See your registration'),
('membership_removed', 'en', 'You no longer take part in {program}',
'A coordinator ended your part in “{program}”. What was decided is in your registration.',
'See your registration'),
('info_requested', 'en', 'A question about your registration for {program}',
'A coordinator has a question about your registration for “{program}”. It is waiting for your answer.',
'Answer the question'),
('mentor_welcome', 'en', 'Welcome to {program}, mentor',
'You are a mentor of “{program}” now. Thank you for giving your time.{starts_on, select, none {} other { It begins on {starts_on, day}.}}

Look through your profile: it is what your mentee will see first.',
'Go to the program'),
('mentee_welcome', 'en', 'Welcome to {program}',
'You are a mentee of “{program}” now.{starts_on, select, none {} other { It begins on {starts_on, day}.}}

Take a moment to write down what you want to reach: it helps to find the right mentor.',
'Go to the program'),
('match_published', 'en', '{role, select, MENTOR {There is a mentee for you} other {There is a mentor for you}} in {program}',
'{role, select, MENTOR {We would like to bring you together with a mentee} other {We would like to bring you together with a mentor}} in “{program}”. Read who it is, and say whether you accept.',
'See the match'),
('membership_to_review', 'en', 'New registration for {program}',
'Somebody wants to join “{program}” as a {role, select, MENTOR {mentor} other {mentee}}.',
'See the registrations'),
('info_answered', 'en', 'A question was answered: {program}',
'Somebody who wants to join “{program}” has answered your question.',
'See the registrations'),
('program_to_approve', 'en', '{program} waits for approval',
'The design of “{program}” is complete and waits for an administrator.',
'See the program'),
('digest', 'en', '{count, plural, one {# thing} other {# things}} happened at {site}',
'What happened since we last wrote to you:',
'Go to {site}'),
('program_published', 'en', '{program} is published',
'“{program}” stands in the catalogue now.',
'See the program'),
('program_rejected', 'en', '{program} was sent back',
'“{program}” was not published yet. What is missing stands beside its design.',
'See the program');

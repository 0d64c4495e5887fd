-- Which data about people every service holds. Whoever adds a column about people adds or changes a row here.
create table data_use (
	place int primary key generated always as identity,
	service text not null,
	data text not null,
	purpose text not null,
	kept text not null,
	protection text not null default ''
);

insert into data_use (service, data, purpose, kept, protection) values
	('identity', 'E-mail address', 'Signing in, and mails that the account needs', 'As long as the account; 14 days when it is never verified',
		'Sealed; found by a keyed hash'),
	('identity', 'Password', 'Signing in', 'Until it is changed', 'Argon2id hash only'),
	('identity', 'Authenticator and recovery codes', 'The second factor', 'Until they are removed', 'Sealed; codes hashed'),
	('identity', 'Accessibility needs', 'Shown to the matched mentor', 'Until they are changed; as long as the account', 'Sealed'),
	('identity', 'Name, language, time zone, state of the account', 'Speaking to people as they wish', 'As long as the account', ''),
	('identity', 'Profile: texts, photo, languages, skills, interests, what one offers and looks for', 'Finding a mentorship',
		'Until it is changed; as long as the account', 'Shown as far as the person allows'),
	('identity', 'Sessions: when, the name of the program used, a part of the network address', 'Showing people where they are signed in',
		'Until a week after they end', 'The address shortened to its first half'),
	('identity', 'Known devices', 'Letting people in while strangers guess', 'A year after the last use', 'A hash'),
	('identity', 'Attempts to sign in, by account, device and network address', 'Slowing down guesses', 'A day', 'Accounts by a keyed hash'),
	('identity', 'Former and wished addresses', 'Taking an address back that somebody else changed', 'As long as the account', 'Sealed'),
	('identity', 'Roles, and who gave them', 'Deciding who may do what', 'As long as the account', ''),
	('identity', 'Invitations', 'Letting people in', 'As long as the account they brought', 'The address sealed'),
	('identity', 'Who mentors whom', 'Showing partners what is for partners', 'As long as the account', ''),
	('programs', 'Memberships: role, state, decisions and their reasons', 'Running programs', 'As long as the account', ''),
	('programs', 'Answers to the questions of a program', 'Deciding who takes part, and matching', 'Drafts 30 days; others as long as the membership', ''),
	('notify', 'What was sent when, without its text', 'Answering who asks for a mail', 'As long as the account', ''),
	('notify', 'Inbox', 'Telling people what concerns them', 'As long as the account', ''),
	('notify', 'Who wrote the words of a mail', 'Proving who decided', 'As long as the site', ''),
	('notify', 'News that wait for a digest, a line each', 'Sending them in one mail', 'Until it is sent', ''),
	('notify', 'Which news are wanted, and quiet hours', 'Sending no others', 'As long as the account', ''),
	('notify', 'Addresses that take no mail', 'Not writing to them again', 'Until they are written to again', 'A keyed hash'),
	('gateway', 'Requests: who, when, which, and how they ended', 'Finding faults and abuse', 'In the log of the operator', 'Without bodies'),
	('every service', 'Audit: who did what to which, and why', 'Proving who decided', 'As long as the site', 'Without contents'),
	('every service', 'Answers to repeated requests', 'Doing nothing twice', 'A day', '');

do $$
begin
	execute format('grant select on data_use to %I', current_schema() || '_svc');
end $$;

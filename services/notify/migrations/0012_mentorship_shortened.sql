-- Whose mentorship ends earlier, because all of its program end, is told of it.

insert into kind (key, class, channels, source, audience, states, path, variables) values
	('mentorship_shortened', 'TRANSACTIONAL', '{EMAIL,IN_APP}', 'MENTORSHIP', '{MENTOR,MENTEE}', '{KICKOFF,ACTIVE,PAUSED}', '/mentorships/{id}', '{program,planned_end_on}');

insert into template (kind, locale, title, body, action) values
('mentorship_shortened', 'en', 'Your mentorship in {program} ends earlier',
'The mentorships of “{program}” come to an end together: yours is now planned to last until {planned_end_on, day}.',
'See the mentorship'),
('mentorship_shortened', 'de', 'Ihre Mentoring-Beziehung in {program} endet früher',
'Die Mentoring-Beziehungen in „{program}“ enden gemeinsam: Ihre ist jetzt bis {planned_end_on, day} geplant.',
'Ansehen'),
('mentorship_shortened', 'es', 'Tu mentoría en {program} termina antes',
'Las mentorías de «{program}» terminan juntas: la tuya está prevista ahora hasta el {planned_end_on, day}.',
'Ver la mentoría'),
('mentorship_shortened', 'fr', 'Votre mentorat dans {program} finit plus tôt',
'Les mentorats de « {program} » finissent ensemble : le vôtre est maintenant prévu jusqu’au {planned_end_on, day}.',
'Voir le mentorat');

insert into template (kind, locale, title, body, action) values
('verify_email', 'fr', 'Confirmez votre adresse pour {site}',
'Quelqu’un, vous sans doute, a ouvert un compte sur {site} avec cette adresse. Confirmez-la pour commencer.

Le lien est valable jusqu’au {expires_at, date}. Si ce n’était pas vous, ne faites rien : sans confirmation, le compte est supprimé.',
'Confirmer l’adresse'),
('registration_repeated', 'fr', 'Vous avez déjà un compte sur {site}',
'Quelqu’un, vous sans doute, a voulu ouvrir un compte sur {site} avec cette adresse. Elle en a déjà un : connectez-vous.

Si vous avez oublié le mot de passe, vous pouvez en choisir un autre depuis la page de connexion. Si ce n’était pas vous, ne faites rien.',
'Se connecter'),
('password_reset', 'fr', 'Nouveau mot de passe pour {site}',
'Quelqu’un, vous sans doute, a demandé un nouveau mot de passe pour votre compte.

Le lien sert une fois, jusqu’au {expires_at, date}. Si ce n’était pas vous, ne faites rien : votre mot de passe ne change pas.',
'Choisir un mot de passe'),
('password_changed', 'fr', 'Votre mot de passe a été changé',
'Le mot de passe de votre compte a été changé le {at, date}. Partout ailleurs, vous avez été déconnecté.

Si ce n’était pas vous, choisissez aussitôt un autre mot de passe et prévenez-nous.',
'Voir votre compte'),
('account_locked', 'fr', 'La connexion à {site} est fermée pour un moment',
'Il y a eu trop de tentatives manquées sur votre compte. Pour le protéger, personne ne peut se connecter jusqu’au {locked_until, date}.

Si c’était vous, vous pouvez le rouvrir maintenant.',
'Rouvrir le compte'),
('account_suspended', 'fr', 'Votre compte sur {site} est suspendu',
'Votre compte a été suspendu ; vous ne pouvez pas vous connecter pour le moment.

Vous pouvez demander que la décision soit revue.',
'Demander un réexamen'),
('account_reinstated', 'fr', 'Votre compte sur {site} est rouvert',
'Votre compte est rouvert. Vous pouvez vous connecter comme avant.',
'Aller à {site}'),
('account_deactivated', 'fr', 'Votre compte sur {site} est en repos',
'Votre compte est en repos, comme vous l’avez demandé : toutes les sessions sont fermées et personne ne voit votre profil.

Une connexion le réveille, jusqu’au {return_until, date}. Si ce n’était pas vous, connectez-vous et changez de mot de passe.',
'Se connecter'),
('new_device', 'fr', 'Nouvelle connexion à votre compte',
'Le {at, date}, quelqu’un s’est connecté à votre compte depuis un appareil que nous ne connaissions pas.

Si c’était vous, il n’y a rien à faire. Sinon, fermez la session et changez de mot de passe.',
'Voir vos sessions'),
('refresh_reused', 'fr', 'Une de vos sessions a été fermée par sécurité',
'Le {at, date}, la clé d’une de vos sessions a servi une seconde fois. Quelqu’un l’a peut-être copiée ; nous avons fermé cette session.

Reconnectez-vous et vérifiez vos sessions.',
'Voir vos sessions'),
('mfa_changed', 'fr', '{change, select, TOTP_ADDED {La connexion en deux étapes est active} TOTP_REMOVED {La connexion en deux étapes est désactivée} RECOVERY_CODES_RENEWED {Vous avez de nouveaux codes de secours} other {Un code de secours a servi}}',
'{change, select, TOTP_ADDED {Le {at, date}, une application d’authentification a été ajoutée à votre compte.} TOTP_REMOVED {Le {at, date}, l’application d’authentification a été retirée de votre compte.} RECOVERY_CODES_RENEWED {Le {at, date}, de nouveaux codes de secours ont été créés. Les anciens ne valent plus.} other {Le {at, date}, un code de secours a servi à se connecter. {codes_left, plural, =0 {Il n’en reste aucun : créez-en d’autres.} one {Il en reste #.} other {Il en reste #.}}}}

Si ce n’était pas vous, choisissez aussitôt un autre mot de passe et prévenez-nous.',
'Voir votre compte'),
('email_change_confirm', 'fr', 'Confirmez votre nouvelle adresse pour {site}',
'Vous avez demandé à utiliser cette adresse pour votre compte sur {site}. Elle vaudra dès que vous l’aurez confirmée.

Le lien est valable jusqu’au {expires_at, date}. Si ce n’était pas vous, ne faites rien.',
'Confirmer la nouvelle adresse'),
('email_change_requested', 'fr', 'Votre adresse sur {site} va changer',
'{by, select, ADMIN {L’administration de {site} change l’adresse de votre compte pour une autre qu’on lui a dite être la vôtre. Elle vaudra dès que la nouvelle adresse l’aura confirmée ; vous pourrez ensuite annuler pendant trois jours.} other {Le {at, date}, quelqu’un qui était connecté à votre compte a demandé à en changer l’adresse. Elle vaudra dès que la nouvelle adresse l’aura confirmée.}}

Si ce n’était pas vous, changez de mot de passe maintenant.',
'Voir votre compte'),
('email_correction', 'fr', 'Avez-vous une autre adresse ?',
'L’administration de {site} propose une autre adresse pour votre compte. Elle change avec votre accord ; si vous n’utilisez plus cette adresse, une deuxième personne de l’administration peut accepter après s’être assurée qu’il s’agit de vous.

Le lien est valable jusqu’au {expires_at, date}.',
'Voir la proposition'),
('email_changed', 'fr', 'Votre adresse sur {site} a changé',
'Votre compte sur {site} utilise désormais une autre adresse ; ceci est le dernier message à celle-ci.

Si ce n’était pas vous, annulez le changement. C’est possible jusqu’au {revert_until, date}.',
'Annuler le changement'),
('email_change_reverted', 'fr', 'Votre ancienne adresse vaut de nouveau',
'Le changement de votre adresse a été annulé et toutes les sessions ont été fermées. Choisissez un autre mot de passe avant de vous reconnecter.',
'Choisir un mot de passe'),
('role_granted', 'fr', '{role, select, ADMIN {Vous administrez {site}} SUPPORT {Vous faites partie de l’assistance} SAFETY_OFFICER {Vous êtes responsable de la protection} COORDINATOR {Vous coordonnez un programme} other {Vous avez un nouveau rôle}}',
'{role, select, ADMIN {Vous pouvez maintenant gérer les personnes, les programmes et les réglages.} SUPPORT {Vous pouvez maintenant aider les autres avec leur compte.} SAFETY_OFFICER {Vous pouvez maintenant traiter les signalements et les dossiers.} COORDINATOR {Vous pouvez maintenant concevoir un programme, ouvrir ses sessions et décider des inscriptions.} other {Vous pouvez maintenant faire davantage.}}',
'Voir vos rôles'),
('invitation', 'fr', 'Invitation à {program, select, none {{site}} other {{program}}}',
'{program, select, none {Vous êtes invité à rejoindre {site}.} other {Vous êtes invité à rejoindre le programme de mentorat « {program} »{role, select, MENTOR {, comme mentor} MENTEE {, comme mentoré} COORDINATOR {, à la coordination} other {}}.}}

L’invitation est valable jusqu’au {expires_at, date}.',
'Voir l’invitation'),
('membership_received', 'fr', 'Nous avons votre inscription à {program}',
'Merci de votre inscription à « {program} » comme {role, select, MENTOR {mentor} other {mentoré}}. La coordination va la regarder et vous aurez de nos nouvelles.',
'Voir votre inscription'),
('membership_approved', 'fr', 'Vous avez une place dans {program}',
'Votre inscription à « {program} » comme {role, select, MENTOR {mentor} other {mentoré}} est acceptée.{starts_on, select, none {} other { Cela commence le {starts_on, day}.}}',
'Voir la suite'),
('membership_rejected', 'fr', 'À propos de votre inscription à {program}',
'Merci de votre intérêt pour « {program} ». Cette fois, nous ne pouvons pas vous offrir de place comme {role, select, MENTOR {mentor} other {mentoré}}.

Ce qui a été décidé, et si vous pouvez vous réinscrire, se trouve dans votre inscription.',
'Voir votre inscription'),
('membership_waitlisted', 'fr', 'Vous êtes sur la liste d’attente de {program}',
'« {program} » est complet pour le moment. Vous êtes sur la liste d’attente et vous avancez sans rien faire dès qu’une place se libère.',
'Voir votre inscription'),
('membership_removed', 'fr', 'Vous ne participez plus à {program}',
'La coordination a mis fin à votre participation à « {program} ». Ce qui a été décidé se trouve dans votre inscription.',
'Voir votre inscription'),
('info_requested', 'fr', 'Une question sur votre inscription à {program}',
'La coordination a une question sur votre inscription à « {program} » et attend votre réponse.',
'Répondre'),
('mentor_welcome', 'fr', 'Bienvenue dans {program}',
'Vous accompagnez maintenant des mentorés dans « {program} ». Merci de votre temps.{starts_on, select, none {} other { Cela commence le {starts_on, day}.}}

Relisez votre profil : c’est ce que l’on verra d’abord de vous.',
'Aller au programme'),
('mentee_welcome', 'fr', 'Bienvenue dans {program}',
'Vous participez maintenant à « {program} ».{starts_on, select, none {} other { Cela commence le {starts_on, day}.}}

Notez ce que vous voulez atteindre : cela aide à trouver la bonne personne pour vous accompagner.',
'Aller au programme'),
('match_published', 'fr', '{role, select, MENTOR {Quelqu’un à accompagner} other {Quelqu’un pour vous accompagner}} dans {program}',
'{role, select, MENTOR {Nous aimerions vous présenter une personne à accompagner} other {Nous aimerions vous présenter une personne qui peut vous accompagner}} dans « {program} ». Lisez qui c’est, et dites si vous acceptez.',
'Voir la proposition'),
('membership_to_review', 'fr', 'Nouvelle inscription à {program}',
'Quelqu’un veut rejoindre « {program} » comme {role, select, MENTOR {mentor} other {mentoré}}.',
'Voir les inscriptions'),
('info_answered', 'fr', 'Une question a sa réponse : {program}',
'Quelqu’un qui veut rejoindre « {program} » a répondu à votre question.',
'Voir les inscriptions'),
('program_to_approve', 'fr', '{program} attend une validation',
'« {program} » est prêt et attend l’administration.',
'Voir le programme'),
('digest', 'fr', '{count, plural, one {# nouvelle} other {# nouvelles}} sur {site}',
'Ce qui s’est passé depuis notre dernier message :',
'Aller à {site}'),
('program_published', 'fr', '{program} est publié',
'« {program} » figure maintenant au catalogue.',
'Voir le programme'),
('program_rejected', 'fr', '{program} vous revient',
'« {program} » n’est pas encore publié. Ce qui manque est indiqué à côté de sa description.',
'Voir le programme');

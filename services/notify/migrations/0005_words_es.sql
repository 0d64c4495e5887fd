insert into template (kind, locale, title, body, action) values
('verify_email', 'es', 'Confirma tu dirección para {site}',
'Alguien, esperamos que tú, abrió una cuenta en {site} con esta dirección. Confírmala para empezar.

El enlace vale hasta el {expires_at, date}. Si no fuiste tú, no hagas nada: sin confirmación, la cuenta se borra.',
'Confirmar la dirección'),
('registration_repeated', 'es', 'Ya tienes una cuenta en {site}',
'Alguien, esperamos que tú, quiso abrir una cuenta en {site} con esta dirección. Ya tiene una: entra con ella.

Si olvidaste la contraseña, puedes poner otra desde la página de entrada. Si no fuiste tú, no hagas nada.',
'Entrar'),
('password_reset', 'es', 'Nueva contraseña para {site}',
'Alguien, esperamos que tú, pidió una nueva contraseña para tu cuenta.

El enlace vale una vez, hasta el {expires_at, date}. Si no fuiste tú, no hagas nada: tu contraseña sigue igual.',
'Poner otra contraseña'),
('password_changed', 'es', 'Tu contraseña ha cambiado',
'La contraseña de tu cuenta cambió el {at, date}. En todos los demás sitios se cerró la sesión.

Si no fuiste tú, pon otra contraseña enseguida y avísanos.',
'Ver tu cuenta'),
('account_locked', 'es', 'La entrada a {site} está cerrada por un rato',
'Hubo demasiados intentos fallidos de entrar en tu cuenta. Para protegerla, nadie puede entrar hasta el {locked_until, date}.

Si los intentos fueron tuyos, puedes abrirla ahora.',
'Abrir la cuenta'),
('account_suspended', 'es', 'Tu cuenta en {site} está suspendida',
'Tu cuenta ha sido suspendida y por ahora no puedes entrar.

Puedes pedir que se revise la decisión.',
'Pedir una revisión'),
('account_reinstated', 'es', 'Tu cuenta en {site} está abierta de nuevo',
'Tu cuenta está abierta de nuevo. Puedes entrar como antes.',
'Ir a {site}'),
('account_deactivated', 'es', 'Tu cuenta en {site} descansa',
'Tu cuenta descansa, como pediste: se cerraron todas las sesiones y nadie ve tu perfil.

Entrar la despierta de nuevo, hasta el {return_until, date}. Si no fuiste tú, entra y pon otra contraseña.',
'Entrar'),
('new_device', 'es', 'Nueva entrada en tu cuenta',
'El {at, date} se entró en tu cuenta desde un dispositivo que no conocíamos.

Si fuiste tú, no hay nada que hacer. Si no, cierra la sesión y pon otra contraseña.',
'Ver tus sesiones'),
('refresh_reused', 'es', 'Cerramos una de tus sesiones por seguridad',
'El {at, date} se usó por segunda vez la clave de una de tus sesiones. Puede que alguien la haya copiado, así que cerramos esa sesión.

Vuelve a entrar y revisa tus sesiones.',
'Ver tus sesiones'),
('mfa_changed', 'es', '{change, select, TOTP_ADDED {La entrada en dos pasos está activada} TOTP_REMOVED {La entrada en dos pasos está desactivada} RECOVERY_CODES_RENEWED {Tienes nuevos códigos de recuperación} other {Se usó un código de recuperación}}',
'{change, select, TOTP_ADDED {El {at, date} se añadió un autenticador a tu cuenta.} TOTP_REMOVED {El {at, date} se quitó el autenticador de tu cuenta.} RECOVERY_CODES_RENEWED {El {at, date} se crearon nuevos códigos de recuperación. Los anteriores ya no valen.} other {El {at, date} se usó un código de recuperación para entrar. {codes_left, plural, =0 {No queda ninguno: crea otros.} one {Queda #.} other {Quedan #.}}}}

Si no fuiste tú, pon otra contraseña enseguida y avísanos.',
'Ver tu cuenta'),
('email_change_confirm', 'es', 'Confirma tu nueva dirección para {site}',
'Pediste usar esta dirección para tu cuenta en {site}. Valdrá cuando la confirmes.

El enlace vale hasta el {expires_at, date}. Si no fuiste tú, no hagas nada.',
'Confirmar la nueva dirección'),
('email_change_requested', 'es', 'Tu dirección en {site} va a cambiar',
'{by, select, ADMIN {La administración de {site} va a cambiar la dirección de tu cuenta por una que, según le dijeron, es tuya. Valdrá cuando la nueva dirección lo confirme; después puedes deshacerlo durante tres días.} other {El {at, date} alguien que había entrado con tu cuenta pidió cambiar su dirección. Valdrá cuando la nueva dirección lo confirme.}}

Si no fuiste tú, pon otra contraseña ahora.',
'Ver tu cuenta'),
('email_correction', 'es', '¿Tienes otra dirección?',
'La administración de {site} propone otra dirección para tu cuenta. Cambia si estás de acuerdo; si ya no usas esta dirección, otra persona de la administración puede aceptarla cuando se haya asegurado de que eres tú.

El enlace vale hasta el {expires_at, date}.',
'Ver la propuesta'),
('email_changed', 'es', 'Tu dirección en {site} ha cambiado',
'Tu cuenta en {site} usa desde ahora otra dirección; este es el último correo a esta.

Si no fuiste tú, deshaz el cambio. Puedes hacerlo hasta el {revert_until, date}.',
'Deshacer el cambio'),
('email_change_reverted', 'es', 'Vuelve a valer tu dirección anterior',
'Se deshizo el cambio de tu dirección y se cerraron todas las sesiones. Pon otra contraseña antes de volver a entrar.',
'Poner otra contraseña'),
('role_granted', 'es', '{role, select, ADMIN {Administras {site}} SUPPORT {Formas parte del equipo de ayuda} SAFETY_OFFICER {Te ocupas de la protección} COORDINATOR {Coordinas un programa} other {Tienes un nuevo papel}}',
'{role, select, ADMIN {Ahora puedes gestionar personas, programas y ajustes.} SUPPORT {Ahora puedes ayudar a otras personas con sus cuentas.} SAFETY_OFFICER {Ahora puedes tratar avisos y casos.} COORDINATOR {Ahora puedes diseñar un programa, abrir sus ediciones y decidir sobre las inscripciones.} other {Ahora puedes hacer más que antes.}}',
'Ver tus papeles'),
('invitation', 'es', 'Invitación a {program, select, none {{site}} other {{program}}}',
'{program, select, none {Tienes una invitación para unirte a {site}.} other {Tienes una invitación para unirte al programa de mentoría «{program}»{role, select, MENTOR { como mentor o mentora} MENTEE { como mentee} COORDINATOR { en la coordinación} other {}}.}}

La invitación vale hasta el {expires_at, date}.',
'Ver la invitación'),
('membership_received', 'es', 'Tenemos tu inscripción en {program}',
'Gracias por inscribirte en «{program}» como {role, select, MENTOR {mentor o mentora} other {mentee}}. La coordinación la mirará y tendrás noticias nuestras.',
'Ver tu inscripción'),
('membership_approved', 'es', 'Tienes una plaza en {program}',
'Tu inscripción en «{program}» como {role, select, MENTOR {mentor o mentora} other {mentee}} fue aceptada.{starts_on, select, none {} other { Empieza el {starts_on, day}.}}',
'Ver qué sigue'),
('membership_rejected', 'es', 'Sobre tu inscripción en {program}',
'Gracias por tu interés en «{program}». Esta vez no podemos ofrecerte una plaza como {role, select, MENTOR {mentor o mentora} other {mentee}}.

Lo que se decidió, y si puedes volver a inscribirte, está en tu inscripción.',
'Ver tu inscripción'),
('membership_waitlisted', 'es', 'Estás en la lista de espera de {program}',
'«{program}» está completo por ahora. Estás en la lista de espera y avanzas sin hacer nada cuando queda una plaza libre.',
'Ver tu inscripción'),
('membership_removed', 'es', 'Ya no participas en {program}',
'La coordinación terminó tu participación en «{program}». Lo que se decidió está en tu inscripción.',
'Ver tu inscripción'),
('info_requested', 'es', 'Una pregunta sobre tu inscripción en {program}',
'La coordinación tiene una pregunta sobre tu inscripción en «{program}» y espera tu respuesta.',
'Responder'),
('mentor_welcome', 'es', 'Te damos la bienvenida a {program}',
'Ya acompañas a mentees en «{program}». Gracias por tu tiempo.{starts_on, select, none {} other { Empieza el {starts_on, day}.}}

Repasa tu perfil: es lo primero que verá tu mentee.',
'Ir al programa'),
('mentee_welcome', 'es', 'Te damos la bienvenida a {program}',
'Ya eres mentee de «{program}».{starts_on, select, none {} other { Empieza el {starts_on, day}.}}

Escribe lo que quieres lograr: ayuda a encontrar a la persona adecuada para acompañarte.',
'Ir al programa'),
('match_published', 'es', '{role, select, MENTOR {Hay una persona para que la acompañes} other {Hay una persona que te puede acompañar}} en {program}',
'{role, select, MENTOR {Queremos presentarte a alguien que busca mentoría} other {Queremos presentarte a alguien que ofrece mentoría}} en «{program}». Lee quién es y di si aceptas.',
'Ver la propuesta'),
('membership_to_review', 'es', 'Nueva inscripción en {program}',
'Alguien quiere unirse a «{program}» como {role, select, MENTOR {mentor o mentora} other {mentee}}.',
'Ver las inscripciones'),
('info_answered', 'es', 'Respondieron a una pregunta: {program}',
'Alguien que quiere unirse a «{program}» ha respondido a tu pregunta.',
'Ver las inscripciones'),
('program_to_approve', 'es', '{program} espera aprobación',
'El diseño de «{program}» está completo y espera a la administración.',
'Ver el programa'),
('digest', 'es', '{count, plural, one {# novedad} other {# novedades}} en {site}',
'Lo que ha pasado desde nuestro último correo:',
'Ir a {site}'),
('program_published', 'es', '{program} está publicado',
'«{program}» ya está en el catálogo.',
'Ver el programa'),
('program_rejected', 'es', '{program} fue devuelto',
'«{program}» aún no se ha publicado. Lo que falta está junto a su diseño.',
'Ver el programa');

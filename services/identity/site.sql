-- get_site(Nothing) one Site
select id, created_at, updated_at, version, name, default_locale, default_zone, locales, registration_mode, allowed_email_domains,
	terminology, accent_color, logo_url, features, retention
from site
where 'ADMIN' = any (:caller.roles::text[]);

-- set_site(UpdateSiteRequest) one Site
update site set
	name = kept(:set.name, :name, name),
	default_locale = kept(:set.default_locale, :default_locale, default_locale),
	default_zone = kept(:set.default_zone, :default_zone, default_zone),
	locales = case when :set.locales then :locales else locales end,
	registration_mode = kept(:set.registration_mode, :registration_mode, registration_mode),
	allowed_email_domains = case when :set.allowed_email_domains then :allowed_email_domains else allowed_email_domains end,
	terminology = case when :set.terminology then :terminology else terminology end,
	accent_color = kept(:set.accent_color, :accent_color, accent_color),
	logo_url = case when :set.logo_url then :logo_url else logo_url end,
	features = case when :set.features then :features else features end,
	retention = case when :set.retention then :retention else retention end
where 'ADMIN' = any (:caller.roles::text[]) and at_version(version, :if_match)
returning id, created_at, updated_at, version, name, default_locale, default_zone, locales, registration_mode, allowed_email_domains,
	terminology, accent_color, logo_url, features, retention;

-- get_public_site(Nothing) one PublicSite
select name, default_locale, default_zone, locales, registration_mode, terminology, accent_color, logo_url, features from site;

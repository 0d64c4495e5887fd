-- list_templates(ListTemplatesRequest) page ListTemplatesResponse by kind, locale
select id, kind, locale, variables, title, body, action, edited, draft, version from template_view
where :kind::text is null or kind = :kind;

-- get_template(TemplateRequest) one Template
select id, kind, locale, variables, title, body, action, edited, draft, version from template_view where kind = :kind and locale = :locale;

-- list_template_versions(ListTemplateVersionsRequest) page ListTemplateVersionsResponse by number desc
select id, created_at, updated_at, version, kind, locale, number, title, body, action, state, edited_by, published_at
from template_version where kind = :kind and locale = :locale;

-- set_draft(PutTemplateRequest) one TemplateRequest
insert into template_version as d (kind, locale, number, title, body, action, edited_by)
select k.key, :locale, coalesce((select max(number) from template_version v where v.kind = k.key and v.locale = :locale), 0) + 1,
	:title, :body, :action, :caller.id
from kind k left join template_version o on o.kind = k.key and o.locale = :locale and o.state = 'DRAFT'
where k.key = :kind and at_version(coalesce(o.version, 0), :if_match)
on conflict (kind, locale) where state = 'DRAFT' do update set title = excluded.title, body = excluded.body, action = excluded.action,
	edited_by = excluded.edited_by
returning kind, locale;

-- find_template_words(PreviewTemplateRequest) one TemplateWords
select coalesce(:title, d.title, f.title, '') as title, coalesce(:body, d.body, f.body, '') as body,
	coalesce(:action, d.action, f.action, '') as action, k.path, k.variables || '{name,site}' as variables
from kind k left join template_version d on d.kind = k.key and d.locale = :locale and d.state = 'DRAFT'
	left join wording_in_force f on f.kind = k.key and f.locale = :locale
where k.key = :kind and check_words(k.key, coalesce(:title, ''), coalesce(:body, ''), coalesce(:action, ''));

-- publish_template(TemplateRequest) one TemplateVersion
with former as (
	update template_version p set state = 'SUPERSEDED' from template_version d
	where p.kind = :kind and p.locale = :locale and p.state = 'PUBLISHED'
		and d.kind = p.kind and d.locale = p.locale and d.state = 'DRAFT'
	returning p.id
)
update template_version set state = 'PUBLISHED', published_at = now()
from (select count(*) from former) done
where kind = :kind and locale = :locale and state = 'DRAFT'
returning id, created_at, updated_at, version, kind, locale, number, title, body, action, state, edited_by, published_at;

-- revert_template(TemplateRequest) one TemplateVersion
update template_version set state = 'SUPERSEDED'
where kind = :kind and locale = :locale and state = 'PUBLISHED'
returning id, created_at, updated_at, version, kind, locale, number, title, body, action, state, edited_by, published_at;

/* The pages that links in mails lead to: they say what the link does, and do it when a button is pressed. */
import { words } from "/landing/words.js";

const language = navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => tag in words) ?? "en";
const say = words[language];
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const [heading, form] = ["h1", "form"].map((name) => document.querySelector(name));
const [text, trouble, next] = ["text", "trouble", "next"].map((id) => document.getElementById(id));

const fields = {
	password: { type: "password", autocomplete: "new-password", maxLength: 128, required: true },
	known_password: { type: "password", autocomplete: "current-password", maxLength: 128, required: true },
	email: { type: "email", autocomplete: "email", maxLength: 254, required: true },
	display_name: { type: "text", autocomplete: "name", maxLength: 80, required: true },
};

const register = {
	key: "invitation", ask: ["display_name", "email", "password"],
	send: (given) => post("/v1/auth/register", {
		...given, invitation_token: token, locale: language, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
};

/* By the path: which words, what is asked for, what is sent. */
const pages = {
	"/verify-email": { key: "verify", send: (given) => post("/v1/auth/email/verify", { token, password: given.known_password }) },
	"/unlock": { key: "unlock", send: () => post("/v1/auth/unlock", { token }) },
	"/confirm-email": { key: "confirm", send: () => post("/v1/auth/email-change/confirm", { token }) },
	"/approve-email": { key: "approve", send: () => post("/v1/auth/email-change/approve", { token }) },
	"/revert-email": { key: "revert", send: () => post("/v1/auth/email-change/revert", { token }), next: "/reset-password" },
	"/reset-password": token
		? { key: "reset", ask: ["password"], send: ({ password }) => post("/v1/auth/password/reset", { token, password }) }
		: { key: "forgot", ask: ["email"], needsToken: false, send: (given) => post("/v1/auth/password/forgot", given) },
	"/invitations": { ...register, look: () => get(`/v1/invitations/${encodeURIComponent(token)}`) },
	"/unsubscribe": { key: "unsubscribe", send: () => post(`/v1/unsubscribe/${encodeURIComponent(token)}`) },
};

async function answer(request) {
	const response = await request.catch(() => null);

	if (!response)
		return { problem: "AWAY" };
	const body = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
	return response.ok ? { body } : { problem: body.errors?.[0]?.code ?? body.code ?? "AWAY" };
}

function get(path) {
	return answer(fetch(path));
}

function post(path, body) {
	const headers = body && { "Content-Type": "application/json" };

	return answer(fetch(path, { method: "POST", headers, body: body && JSON.stringify(body) }));
}

function show(title, sentence) {
	document.title = heading.textContent = title;
	text.textContent = sentence;
	heading.focus();
}

function add(name) {
	const label = document.createElement("label"), input = document.createElement("input");

	Object.assign(input, fields[name], { name, id: name });
	label.htmlFor = name;
	label.textContent = say.fields[name];
	form.insertBefore(label, form.lastChild);
	form.insertBefore(input, form.lastChild);
	return input;
}

function finish(page) {
	form.remove();
	trouble.textContent = "";
	show(say[page.key].done, say[page.key].after);
	if (page.next) {
		const link = document.createElement("a");

		link.href = page.next;
		link.textContent = say.forgot.title;
		next.append(link);
	}
}

/* Whoever registered an address several times says which password is meant. */
function refuse(problem) {
	if (problem === "PASSWORD_NEEDED" && !form.elements.known_password)
		add("known_password").focus();
	trouble.textContent = say.problems[problem] ?? say.problems.OTHER;
}

function offer(page) {
	const button = document.createElement("button");

	button.textContent = say[page.key].button;
	form.append(button);
	page.ask?.forEach(add);
	form.hidden = false;
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		button.disabled = true;
		const { problem } = await page.send(Object.fromEntries(new FormData(form)));
		button.disabled = false;
		problem ? refuse(problem) : finish(page);
	});
}

async function open(page) {
	const { body, problem } = token && page.look ? await page.look() : {};

	show(body?.program_title || say[page.key].title, say[page.key].text);
	if (page.needsToken !== false && !token)
		refuse("UNKNOWN_TOKEN");
	else if (problem)
		refuse(problem);
	else
		offer(page);
}

document.documentElement.lang = language;
history.replaceState(null, "", location.pathname);
addEventListener("hashchange", () => location.reload());
if (location.pathname in pages)
	open(pages[location.pathname]);
else
	show(say.app.title, say.app.text);

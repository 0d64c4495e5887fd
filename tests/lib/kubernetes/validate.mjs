// Compares each document of a YAML stream on stdin with the Kubernetes API's own schemas; prints what does not fit on stderr, and what fits as JSON.
import { parseAllDocuments } from "yaml";
import { readFileSync } from "node:fs";

const fitting = [];
for (const document of parseAllDocuments(readFileSync(0, "utf8"))) {
	const object = document.toJSON();
	// kustomize breaks base64 into lines, which Kubernetes takes and the schema does not.
	if (object.kind === "Secret")
		for (const key in object.data)
			object.data[key] = object.data[key].replace(/\s/g, "");
	try {
		const models = await import(`kubernetes-models/${object.apiVersion}`);
		new models[object.kind](object).validate();
		fitting.push(object);
	} catch (error) {
		console.error(`${object.kind} ${object.metadata.name}: ${error.message}`);
	}
}
console.log(JSON.stringify(fitting));

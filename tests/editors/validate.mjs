// Holds specs, which come as JSON on standard input by their names, against the schema whose path is given.
// Prints the errors of each. The validator, ajv, is as strict with the schema as it can be.
import { readFileSync } from "node:fs";
import Ajv from "ajv";

const schema = JSON.parse(readFileSync(process.argv[2], "utf8"));
const specs = JSON.parse(readFileSync(0, "utf8"));

const ajv = new Ajv({
  allErrors: true,
  strict: true, // strictTypes, strictTuples and strictRequired among it
  allowUnionTypes: true, // a scalar of CloudFormation is text, a number or a boolean
});
// Words for editors, which mean nothing to a validator.
ajv.addVocabulary(["doNotSuggest", "enumDescriptions"]);

const validate = ajv.compile(schema);
const errors = Object.entries(specs).map(([name, spec]) => [name, validate(spec) ? [] : validate.errors]);
console.log(JSON.stringify(Object.fromEntries(errors)));

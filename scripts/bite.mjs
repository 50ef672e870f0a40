// Shows that the attacks on SAML responses bite: takes each rule of the verifier out, in
// a copy that only the test build sees, and tells which attacks then get through.
//   make bite              all rules
//   node scripts/bite.mjs signature   those whose name has the word
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const folder = "internal/signin/saml";
const never = "case false:";
/** Rule, file, what stands there, what stands there without the rule. */
const rules = [
  ["document of 256 KiB", "gate.go", "case len(document) > maxDocument:", never],
  ["strict base64", "gate.go", "base64.StdEncoding.Strict()", "base64.StdEncoding"],
  ["no document type", "gate.go", 'return errors.New("it has a document type")', "continue"],
  ["no comment", "gate.go", 'return errors.New("it has a comment")', "continue"],
  [
    "no processing instruction",
    "gate.go",
    'return errors.New("it has a processing instruction")',
    "continue",
  ],
  ["no text outside the root", "gate.go", "if depth == 0 && len(bytes.TrimSpace(token)) > 0 {", "if false {"],
  ["one root", "gate.go", "case roots > 1:", never],
  ["elements", "gate.go", "case elements > maxElements:", never],
  ["depth", "gate.go", "case depth > maxDepth:", never],
  ["attributes of an element", "gate.go", "if len(element.Attr) > maxAttributes {", "if false {"],
  ["an attribute once", "gate.go", "if seen[attribute.Name] {", "if false {"],
  ["plain names", "gate.go", "if !isPlainName(attribute.Name) {", "if false {"],
  ["plain names of elements", "gate.go", "case !isPlainName(token.Name):", never],
  ["a Response is the root", "verify.go", 'case !is(response, nsProtocol, "Response"):', never],
  ["one assertion", "verify.go", "if sealed != nil {\n\t\t\t\treturn", "if false {\n\t\t\t\treturn"],
  [
    "no other part",
    "verify.go",
    'return nil, nil, fmt.Errorf("it has %s as a part", oneWord(child.Tag))',
    "continue",
  ],
  ["an assertion in its place", "shape.go", "if e != root && e.Parent() != root {", "if false {"],
  ["no response inside another", "shape.go", "if e != root {\n\t\t\treturn", "if false {\n\t\t\treturn"],
  ["ids once", "shape.go", "if ids[a.Value] {", "if false {"],
  ["signatures in their place", "shape.go", "if !slices.Contains(signable, e.Parent()) {", "if false {"],
  [
    "nothing that is not of SAML",
    "shape.go",
    'return fmt.Errorf("it has %s, which is not of SAML", oneWord(e.Tag))',
    "",
  ],
  [
    "no Object, Extensions, Advice",
    "shape.go",
    'case "Object", "Manifest", "Extensions", "Advice", "EncryptedID", "EncryptedAttribute", "BaseID":',
    'case "nothing":',
  ],
  [
    "text alone in a value",
    "shape.go",
    "if slices.Contains(withText, e.Tag) && len(e.ChildElements()) > 0 {",
    "if false {",
  ],
  [
    "nothing of SAML inside a value",
    "shape.go",
    'if namespace == nsProtocol || namespace == nsSignature || namespace == nsEncryption || namespace == nsAssertion && e.Tag != "NameID" {',
    "if false {",
  ],
  [
    "one reference, to the parent",
    "shape.go",
    'if len(references) != 1 || id == "" || references[0].SelectAttrValue("URI", "") != "#"+id {',
    'if id == "?" || len(references) < 1 {',
  ],
  [
    "parts of a signature once",
    "shape.go",
    "child.NamespaceURI() != nsSignature || !slices.Contains(tags, child.Tag) || seen[child.Tag]",
    "false && seen[child.Tag]",
  ],
  [
    "SHA-256 or better",
    "shape.go",
    '|| !slices.Contains(check.allowed, method.SelectAttrValue("Algorithm", ""))',
    "",
  ],
  ["the two transforms", "shape.go", "if len(transforms) != 2 ||", "if len(transforms) == 99 ||"],
  [
    "lists of prefixes in a transform alone",
    "shape.go",
    'e.Tag != "InclusiveNamespaces" || !is(transform, nsSignature, "Transform")',
    "false",
  ],
  [
    "the provider's certificate, not the signature's",
    "signature.go",
    "\t\tsignature.RemoveChild(info)\n",
    "\t\t_ = info\n",
  ],
  ["a certificate that is live", "signature.go", "|| !key.Live(now)", ""],
  [
    "the signature holds",
    "signature.go",
    "err == nil && signed != nil {\n\t\t\t\treturn signed, one, nil",
    "err == nil || true {\n\t\t\t\t_ = signed\n\t\t\t\treturn detached, one, nil",
  ],
  ["a signature is there", "verify.go", "if !whole {\n\t\t\treturn", "if false {\n\t\t\treturn"],
  ["read what was signed", "signature.go", "return signed, one, nil", "return detached, one, nil"],
  [
    "status",
    "verify.go",
    'case value == success && sealed == nil:\n\t\treturn errors.New("it has no assertion")\n\tcase value == success:',
    'case sealed == nil:\n\t\treturn errors.New("it has no assertion")\n\tcase true:',
  ],
  [
    "issuer",
    "verify.go",
    'case issuer != nil && (trimmed(issuer) != v.p.Issuer || v.p.Issuer == ""):',
    never,
  ],
  [
    "destination",
    "verify.go",
    'case said == "" && signatureOf(response) == nil, said == v.ask.ACS:',
    "case true:",
  ],
  [
    "recipient",
    "verify.go",
    'recipient := data.SelectAttrValue("Recipient", ""); recipient != v.ask.ACS {',
    'recipient := data.SelectAttrValue("Recipient", ""); false {',
  ],
  [
    "InResponseTo of the confirmation",
    "verify.go",
    'if err := v.answers(data.SelectAttrValue("InResponseTo", ""), false); err != nil {',
    "if err := error(nil); err != nil {",
  ],
  [
    "InResponseTo of the response",
    "verify.go",
    'err := v.answers(response.SelectAttrValue("InResponseTo", ""), true)',
    "var err error",
  ],
  ["audience", "verify.go", "if !named {", "if false {"],
  ["not before", "verify.go", "if err == nil && from.After(v.now.Add(skew)) {", "if false {"],
  [
    "not on or after",
    "verify.go",
    "if err == nil && !ends.IsZero() && !v.now.Before(ends.Add(skew)) {",
    "if false {",
  ],
  ["encrypted when wanted", "verify.go", "} else if v.ask.Encrypted {", "} else if false {"],
  ["AES-GCM", "decrypt.go", "slices.Contains(dataMethods, out.EncryptionMethod.Algorithm) &&", "true &&"],
  [
    "no transient name",
    "identity.go",
    "if format == formatPersistent {\n\t\tid.Subject",
    'if name != "" {\n\t\tid.Subject',
  ],
];

const words = process.argv.slice(2);
const made = mkdtempSync(join(tmpdir(), "oriel-bite-"));
let silent = 0;
console.log(
  "| rule taken out | other people come out | attacks that get through or end elsewhere | other tests that fail |\n|---|---|---|---|",
);
try {
  for (const [rule, file, from, to] of rules) {
    if (words.length > 0 && !words.some((word) => rule.includes(word))) continue;
    const path = resolve(folder, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from))
      throw new Error(`${file} has no ${JSON.stringify(from)}: the rule "${rule}" stands elsewhere now`);
    writeFileSync(join(made, file), text.replace(from, to));
    writeFileSync(join(made, "overlay.json"), JSON.stringify({ Replace: { [path]: join(made, file) } }));
    const ran = spawnSync(
      "go",
      [
        "test",
        "-vet=off",
        "-overlay",
        join(made, "overlay.json"),
        "-run",
        "Test(Hostile|Corpus|Verify)",
        `./${folder}`,
      ],
      { encoding: "utf8", maxBuffer: 1 << 28 },
    );
    const said = ran.stdout + ran.stderr;
    if (/build failed/.test(said)) {
      console.error(`without "${rule}" it doesn't build: ${/\.go:[^\n]*/.exec(said)?.[0] ?? said}`);
      process.exitCode = 1;
      continue;
    }
    const count = (pattern) => said.match(pattern)?.length ?? 0;
    const others = count(/ANOTHER/g);
    const attacks = count(/hostile_test\.go:\d+|corpus_test\.go:\d+/g);
    const rest = count(/(verify|rules|prefixes)_test\.go:\d+/g);
    if (ran.status === 0) silent++;
    console.log(`| ${rule} | ${others} | ${attacks} | ${ran.status === 0 ? "none: a second layer" : rest} |`);
  }
} finally {
  rmSync(made, { recursive: true, force: true });
}
console.log(`\n${silent} rules that no test tells apart`);

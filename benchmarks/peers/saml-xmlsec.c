/* Verifies the response with libxmlsec, as often as each line says. The key is
 * loaded once; the document is read anew each time, as an answer would be. */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static void fail(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static int verify(xmlNodePtr node, xmlSecKeyPtr key) {
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  if (context == NULL) fail("no context");
  context->signKey = xmlSecKeyDuplicate(key);
  int good = xmlSecDSigCtxVerify(context, node) == 0 && context->status == xmlSecDSigStatusSucceeded;
  xmlSecDSigCtxDestroy(context);
  return good;
}

static int walk(xmlNodePtr node, xmlSecKeyPtr key) {
  int verified = 0;
  for (; node != NULL; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (xmlSecCheckNodeName(node, xmlSecNodeSignature, xmlSecDSigNs)) {
      if (!verify(node, key)) fail("a signature does not hold");
      verified++;
      continue;
    }
    xmlAttrPtr id = xmlHasProp(node, BAD_CAST "ID");
    if (id != NULL) {
      xmlChar *name = xmlGetProp(node, BAD_CAST "ID");
      xmlAddID(NULL, node->doc, name, id);
      xmlFree(name);
    }
    verified += walk(node->children, key);
  }
  return verified;
}

int main(int count, char **arguments) {
  char path[4096], line[64];
  static char text[1 << 20];
  if (count != 2 || xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) fail("no libxmlsec");
  snprintf(path, sizeof path, "%s/certificate.pem", arguments[1]);
  xmlSecKeyPtr key = xmlSecCryptoAppKeyLoad(path, xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
  if (key == NULL) fail("no key");
  snprintf(path, sizeof path, "%s/response.xml", arguments[1]);
  FILE *file = fopen(path, "r");
  size_t size = file == NULL ? 0 : fread(text, 1, sizeof text, file);
  if (size == 0) fail("no response");
  while (fgets(line, sizeof line, stdin) != NULL) {
    for (int n = atoi(line); n > 0; n--) {
      xmlDocPtr document = xmlReadMemory(text, (int)size, NULL, NULL, XML_PARSE_NONET);
      if (document == NULL || walk(xmlDocGetRootElement(document), key) == 0) fail("nothing was verified");
      xmlFreeDoc(document);
    }
    puts("ok");
    fflush(stdout);
  }
  return 0;
}

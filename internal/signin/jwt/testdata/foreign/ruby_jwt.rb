# Signs what comes on standard input with ruby-jwt, as a host would.
require "base64"
require "json"
require "jwt"
require "openssl"

tokens = JSON.parse($stdin.read).map do |order|
  key = order["secret"].empty? ? OpenSSL::PKey.read(order["private"]) : Base64.strict_decode64(order["secret"])
  header = { typ: "JWT" }
  header[:kid] = order["kid"] unless order["kid"].empty?
  JWT.encode(order["claims"], key, order["algorithm"], header)
end
print JSON.generate(tokens)

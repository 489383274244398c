// SPDX-License-Identifier: Apache-2.0
// The certificate and the key of who can open what lies in corpus/envelope_fuzz: two octets with the length of the envelope, the envelope, the encrypted file.
// All were made in November 2026 by OpenSSL 3.0.19 (`openssl req -x509`, `openssl cms -encrypt -binary`) and parted as cmsdetach does,
// but for attributes and short-tag, which OpenSSL does not make: those are Python's asn1crypto and cryptography.
#pragma once

#include <string_view>

namespace undine::testing {

inline constexpr std::string_view client_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDPDCCAiSgAwIBAgIUaGKYuYa6izj2iNstmYsG2tZvEIowDQYJKoZIhvcNAQEL\n"
    "BQAwJzEUMBIGA1UECgwLVW5kaW5lIHRlc3QxDzANBgNVBAMMBmNsaWVudDAeFw0y\n"
    "NjExMjYwNDA0MDBaFw00NjAxMjUwNDA0MDBaMCcxFDASBgNVBAoMC1VuZGluZSB0\n"
    "ZXN0MQ8wDQYDVQQDDAZjbGllbnQwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK\n"
    "AoIBAQDZ2uQPrmniXtFdkKvTOFsKtyq/WfbiqBjpsX+uc32QzVBcZAUKxLkoUybQ\n"
    "5wyccT0yHNEPYVa0Y/AF2VBrE7SW4eV6X3PCJzGtq/v41ibZUU/4EDtyMjcLTvnH\n"
    "8gpJiTiPvEBeFTCzivKE5GpMIiBpkWxJzbNTiox8SXoHLOOssMNvXylB6wqWstCV\n"
    "vOS+bzx/XO/LuMpUP2cWdqVIYDy+7DPR+RdriMRhexmgUWdS7h0YqKAl9zONI2dv\n"
    "MpDxyLjhPJAw1pufsmNGsWLwQtWrA3GmM+xeWhBIk1x0nafXGGEnuzc52t/Owzbg\n"
    "6TBOdfwHYjJ5tmm39RcEEomBw7g9AgMBAAGjYDBeMB0GA1UdDgQWBBRzIHVEPKAW\n"
    "1Sndo3ucL2AgNd9EsTAfBgNVHSMEGDAWgBRzIHVEPKAW1Sndo3ucL2AgNd9EsTAP\n"
    "BgNVHRMBAf8EBTADAQH/MAsGA1UdDwQEAwIFoDANBgkqhkiG9w0BAQsFAAOCAQEA\n"
    "JIWS5OTkA11Y9KPPDpbOY/+A8yfGL0RZTtGnIfvkKv1sdvJXmU2r6RmWNob/q6+8\n"
    "0c1wjaUOwg9KBmMRVb/h/lHp3i/I+XsHDQmgbEEOxJjwOQfoY5bdML++UaLI2Zdk\n"
    "G81j0u/XDoqDQH96hXJP0cYAOMK5F6lp4XG71bWs8ie9KN1LPAhDALYU18uCA5jG\n"
    "7YFrIAsVTpJl7aJWUfFH9Opd4D7Sv0YydIhgHve0kgk7tjE0evW3jW8hdlKDSpUN\n"
    "9mwu/shWwPh8l0tvzHeeyxEYB5XktCENplUggT+bIV3d7znTBIwhhmyWX41Fz6wj\n"
    "whSzgpRhxvV9nLMObHl5Yw==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view client_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZ2uQPrmniXtFd\n"
    "kKvTOFsKtyq/WfbiqBjpsX+uc32QzVBcZAUKxLkoUybQ5wyccT0yHNEPYVa0Y/AF\n"
    "2VBrE7SW4eV6X3PCJzGtq/v41ibZUU/4EDtyMjcLTvnH8gpJiTiPvEBeFTCzivKE\n"
    "5GpMIiBpkWxJzbNTiox8SXoHLOOssMNvXylB6wqWstCVvOS+bzx/XO/LuMpUP2cW\n"
    "dqVIYDy+7DPR+RdriMRhexmgUWdS7h0YqKAl9zONI2dvMpDxyLjhPJAw1pufsmNG\n"
    "sWLwQtWrA3GmM+xeWhBIk1x0nafXGGEnuzc52t/Owzbg6TBOdfwHYjJ5tmm39RcE\n"
    "EomBw7g9AgMBAAECggEAXTIqxhqS6WguoJw3JVDCgb8B5oIR/7xxi+eG+5YkbUGn\n"
    "0x5mmci2fO21eUCeQH6g80MonC/D67+k+puQr33qj3FrvgH/f1tNAULFtBnI3MbQ\n"
    "Mwqeo6efrJLIgCSnCfZN4A9kadsezm/ud7NPVepzezXe4WPCB0cJ+lFkhpVJgKID\n"
    "Sk7vtLB2X7qnHInoIefx/gRUQwVk6lK8RoAv6iuvYx+EPO1uTle9+KDT9Nve8Awz\n"
    "GWHFqCfildhvFkkUn8gA1r5ESPFfqfNthfqdYTPFNbl8xI29O6kFdW5sTRxopjD7\n"
    "bs1sNhu4JbbtqIJoB7w/lwHOUrRTywA5j5JTGG7KcQKBgQD7DSqwbswQNG97AdSu\n"
    "zCtTlkuvObYEta09+gxjJgEnZVQJJoIliLEUvoDqiX4/SjeDcEsq5lS2p7UlUpsu\n"
    "NDQKkLHgyIWOkeLdSq1NLaOswz1c+ApzJnEGXeCVbxHx739VU5KgXHuxZH3tY13v\n"
    "qW5GRH7sUqyskCWhP7otBLkmZwKBgQDeJjYiOoUunLFbSHAvaQFvqvRgiQK8avcN\n"
    "0ODUy4UXVUtl6I4JC3BkWze46sckRdObwvvDihgSVqped2PABCPsmawBHrRkWoUz\n"
    "bSGHknjS1w60h38ItdN6pTraDh9c6EbjSd59fAjj0a4Lg3XYIOsnbqZNc+XZW8jY\n"
    "DmGdOJ0duwKBgQDJdZxvLspEqr9XF3YDu0V9cxtTBt3A08Ws+W5dVg8Q/Sg9m5BO\n"
    "7G0l92XeT+1mfnkj2cYILAOI+/XKeIqcvjmQzOJhPqimav2BlT6Ss3An4Bjq9QT1\n"
    "uMB0Wnsxj4r3+bfV0hXU58I+7SR8jgPAodcjPi4YGJQGejooNsqA+8xUOwKBgCt0\n"
    "phpEAFGB7V/B59AeZl2Fv5AyvQpGklVtis2Vkk9iLAGfYEl8p1u6TEgsBRCfaCmM\n"
    "FtvFY7gSo/keubCSHsTlurPtYbRP0MaijnCKwn/b+dBuwPbfOqM/Nyf4o0H1XgiQ\n"
    "Jqm9Xa/TEIzIBoFkzxtDldyI02mVftBk38t1i6aJAoGATcoRbwDxzKfE5qMa1rYD\n"
    "pDgU0UegSKZHvzjXyyIQo3AE7Uei8B/IasJAnWF6ImNNCaXp3MxPauBTCap3TBqr\n"
    "qJaCbAcVhtADnl5WCYIYp7n8HFaRcRZYYRstnlJHMs1RaYa4fcFmKxXMYN67T9dG\n"
    "JxgqW6mKMbE5al4sv+aTkzM=\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace undine::testing

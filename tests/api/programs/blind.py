"""The client's side of RFC 9497 (VOPRF, ristretto255-SHA512), as an app does it: blinding, checking the proof, unblinding."""

import base64
import ctypes
import hashlib
import os

sodium = ctypes.CDLL("libsodium.so.23")
sodium.sodium_init()

CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(of_text):
    return base64.urlsafe_b64decode(of_text + "=" * (-len(of_text) % 4))


def sized(part):
    return len(part).to_bytes(2, "big") + part


def expand(message, domain):
    """expand_message_xmd of RFC 9380 with SHA-512, 64 bytes."""
    domain += CONTEXT
    suffix = domain + bytes([len(domain)])
    first = hashlib.sha512(bytes(128) + message + b"\0\x40\0" + suffix).digest()
    return hashlib.sha512(first + b"\x01" + suffix).digest()


def computed(name, size, *arguments):
    out = ctypes.create_string_buffer(size)
    assert getattr(sodium, name)(out, *arguments) in (0, None) or name.endswith("reduce"), name
    return out.raw


def times(scalar, point):
    return computed("crypto_scalarmult_ristretto255", 32, scalar, point)


def times_base(scalar):
    return computed("crypto_scalarmult_ristretto255_base", 32, scalar)


def plus(one, other):
    return computed("crypto_core_ristretto255_add", 32, one, other)


def to_scalar(message):
    out = ctypes.create_string_buffer(32)
    sodium.crypto_core_ristretto255_scalar_reduce(out, expand(message, b"HashToScalar-"))
    return out.raw


def random_scalar():
    out = ctypes.create_string_buffer(32)
    sodium.crypto_core_ristretto255_scalar_random(out)
    return out.raw


def is_proven(public_key, blinded, evaluated, proof):
    """VerifyProof of 2.2.2 for a batch of one."""
    challenge, response = proof[:32], proof[32:]
    seed = hashlib.sha512(sized(public_key) + sized(b"Seed-" + CONTEXT)).digest()
    weight = to_scalar(sized(seed) + b"\0\0" + sized(blinded) + sized(evaluated) + b"Composite")
    point, image = times(weight, blinded), times(weight, evaluated)
    one = plus(times_base(response), times(challenge, public_key))
    other = plus(times(response, point), times(challenge, image))
    return challenge == to_scalar(sized(public_key) + sized(point) + sized(image) + sized(one) + sized(other) + b"Challenge")


class Token:
    """One's token for a survey: `blinded` is sent signed in, `input` and `output` later by nobody in particular."""

    def __init__(self, input_=None, blind=None):
        self.input = input_ if input_ is not None else os.urandom(32)
        self.blind = blind or random_scalar()
        point = computed("crypto_core_ristretto255_from_hash", 32, expand(self.input, b"HashToGroup-"))
        self.point = times(self.blind, point)
        self.blinded = text(self.point)
        self.output = None

    def take(self, answer, public_key):
        """Unblinds what the service answered, when its proof holds for the key that everybody is shown."""
        evaluated = data(answer["evaluated"])
        assert is_proven(data(public_key), self.point, evaluated, data(answer["proof"])), "another key was used"
        inverse = computed("crypto_core_ristretto255_scalar_invert", 32, self.blind)
        self.output = hashlib.sha512(sized(self.input) + sized(times(inverse, evaluated)) + b"Finalize").digest()
        return self

    def spend(self, answers):
        """The body of the anonymous answer."""
        return {"input": text(self.input), "output": text(self.output), "answers": answers}

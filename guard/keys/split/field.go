// SPDX-License-Identifier: Apache-2.0

package split

// The field GF(2^8) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1.
// Nothing here branches on a secret or looks one up in a table, so that
// neither time nor cache tells anything about it.

// mul multiplies.
func mul(a, b byte) byte {
	var product byte
	for range 8 {
		product ^= a & -(b & 1)
		a = a<<1 ^ 0x1b&-(a>>7)
		b >>= 1
	}
	return product
}

// inv is 1/a, which is a^254; 0 for 0.
func inv(a byte) byte {
	out, power := byte(1), a
	for range 7 { // 254 is 2 + 4 + 8 + … + 128
		power = mul(power, power)
		out = mul(out, power)
	}
	return out
}

// at gives the polynomial's value at x; its coefficients begin with the one
// that x does not touch.
func at(coefficients []byte, x byte) byte {
	var y byte
	for i := len(coefficients) - 1; i >= 0; i-- {
		y = mul(y, x) ^ coefficients[i]
	}
	return y
}

// atZero gives the value at 0 of the polynomial that goes through the points,
// after Lagrange. The xs differ from each other and from 0.
func atZero(xs, ys []byte) byte {
	var sum byte
	for i := range xs {
		top, bottom := byte(1), byte(1)
		for j := range xs {
			if i != j {
				top = mul(top, xs[j])
				bottom = mul(bottom, xs[j]^xs[i])
			}
		}
		sum ^= mul(ys[i], mul(top, inv(bottom)))
	}
	return sum
}

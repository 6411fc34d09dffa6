// SPDX-License-Identifier: Apache-2.0

package register

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	_ "image/jpeg" // photographs of a signature
	"image/png"
	"strings"

	"hustings/kit/fault"
)

const (
	mostUpload = 8 << 20  // bytes of a form with a photograph
	mostPixels = 16 << 20 // of a photograph; a telephone's camera takes 12 million
	widest     = 900      // of the picture that is kept
	highest    = 400
	leastInk   = 12 // dark points, or nothing was drawn
)

// atWork bounds how many pictures are decoded at a time: each takes a hundred
// megabytes at most.
var atWork = newGate(2)

// readPicture reads a picture of a signature, PNG or JPEG, and gives it back as
// a small grey PNG of its own making: no metadata, nothing that hides behind
// the picture.
func readPicture(body []byte) ([]byte, error) {
	cfg, kind, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || kind != "png" && kind != "jpeg" {
		return nil, fault.On("picture", fault.New(fault.Invalid, "This is no picture that we can read. Take a photograph or save it as PNG or JPEG."))
	}
	if cfg.Width < 20 || cfg.Height < 10 || cfg.Width*cfg.Height > mostPixels || cfg.Width > 16000 || cfg.Height > 16000 {
		return nil, fault.On("picture", fault.New(fault.Invalid, "The picture is %d by %d points. Take one of at least 20 by 10 and at most 16 million.", cfg.Width, cfg.Height))
	}
	atWork <- struct{}{}
	defer atWork.leave()
	img, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, fault.On("picture", fault.New(fault.Invalid, "The picture is damaged. Please take it again."))
	}
	small := shrink(img)
	if !inked(small) {
		return nil, fault.On("picture", fault.New(fault.Invalid, "The picture is empty. Sign with a dark pen on white paper."))
	}
	var out bytes.Buffer
	err = png.Encode(&out, small)
	return out.Bytes(), err
}

// readDrawn reads what the drawing field hands over: a data URL of a PNG.
func readDrawn(url string) ([]byte, error) {
	text, ok := strings.CutPrefix(url, "data:image/png;base64,")
	body, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil {
		return nil, fault.On("sign", fault.New(fault.Invalid, "Nothing was drawn. Draw your signature, or choose another way."))
	}
	return readPicture(body)
}

// shrink makes a grey picture that is not larger than what is kept, each point
// the mean of those it stands for. What is transparent is paper.
func shrink(img image.Image) *image.Gray {
	b := img.Bounds()
	step := max(1, (b.Dx()+widest-1)/widest, (b.Dy()+highest-1)/highest)
	out := image.NewGray(image.Rect(0, 0, max(1, b.Dx()/step), max(1, b.Dy()/step)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.SetGray(x, y, color.Gray{Y: mean(img, b.Min.X+x*step, b.Min.Y+y*step, step)})
		}
	}
	return out
}

// mean is how light a square of a picture is, 0 to 255.
func mean(img image.Image, x, y, step int) uint8 {
	sum, n := uint32(0), uint32(0)
	apart := max(1, step/3) // nine points say as much as all
	for j := 0; j < step; j += apart {
		for i := 0; i < step; i += apart {
			r, g, b, a := img.At(x+i, y+j).RGBA()
			light := (299*r+587*g+114*b)/1000 + (0xffff - a)
			sum, n = sum+light>>8, n+1
		}
	}
	return uint8(min(255, sum/n))
}

// inked says whether something stands out from the paper.
func inked(img *image.Gray) bool {
	lightest := uint8(0)
	for _, v := range img.Pix {
		lightest = max(lightest, v)
	}
	dark := 0
	for _, v := range img.Pix {
		if int(lightest)-int(v) > 40 {
			dark++
		}
	}
	return dark >= leastInk
}

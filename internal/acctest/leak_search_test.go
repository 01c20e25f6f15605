package acctest_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// leak is a secret that was found where it must not be.
type leak struct{ kind, form, where string }

// String says what was found, and not its value.
func (l leak) String() string { return l.where + " has a " + l.kind + " (" + l.form + ")" }

// search looks for secrets, by kind, in all files of a directory, and in what is
// packed in them.
func search(t *testing.T, dir string, secrets map[string][]string) []leak {
	t.Helper()
	needles := map[leak][]byte{}
	for kind, values := range secrets {
		for n, value := range values {
			for form, text := range forms(value) {
				needles[leak{kind: kind, form: fmt.Sprintf("%d: %s", n+1, form)}] = []byte(text)
			}
		}
	}
	found := map[leak]string{} // a form of each in each place is enough
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		for where, content := range unpack(t, filepath.ToSlash(name), text) {
			for needle, value := range needles {
				if bytes.Contains(content, value) {
					found[leak{kind: needle.kind, where: where}] = needle.form
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	leaks := make([]leak, 0, len(found))
	for one, form := range found {
		leaks = append(leaks, leak{kind: one.kind, form: form, where: one.where})
	}
	return leaks
}

// unpack gives a file, and what is in it where it is an archive.
func unpack(t *testing.T, name string, text []byte) map[string][]byte {
	t.Helper()
	all := map[string][]byte{name: text}
	add := func(inner string, from io.Reader) {
		content, err := io.ReadAll(from)
		if err != nil {
			t.Fatalf("%s: %v", inner, err)
		}
		for where, one := range unpack(t, inner, content) {
			all[where] = one
		}
	}
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, entry := range archive.File {
			file, err := entry.Open()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			add(name+"!"+entry.Name, file)
		}
	case bytes.HasPrefix(text, []byte("\x1f\x8b")):
		packed, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		add(name+"!gz", packed)
	}
	return all
}

// forms are the ways to write a secret down. Of one with many lines, such as a
// key as PEM, each line is a secret: a log may break or escape it in between.
func forms(value string) map[string]string {
	all := map[string]string{}
	lines := strings.Split(value, "\n")
	for n, line := range lines {
		const shortest = 8 // what is shorter is no secret, as the word BEGIN
		if len(line) < shortest || strings.HasPrefix(line, "-----") {
			continue
		}
		at := ""
		if len(lines) > 1 {
			at = fmt.Sprintf(", part %d", n)
		}
		all["as it is"+at] = line
		all["hexadecimal"+at] = hex.EncodeToString([]byte(line))
		all["bytes"+at] = strings.Trim(fmt.Sprintf("%d", []byte(line)), "[]")
		all["in a URL"+at] = url.QueryEscape(line)
		if quoted, err := json.Marshal(line); err == nil {
			all["as JSON"+at] = strings.Trim(string(quoted), `"`)
		}
	}
	// base64 of something that has the secret in it: at each of three offsets,
	// without the ends, which mix with what is around.
	for offset := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + value))
		if len(encoded) > 16 {
			all[fmt.Sprintf("base64, offset %d", offset)] = encoded[4 : len(encoded)-4]
		}
	}
	// Long ones may be cut: a piece is enough to be found.
	if len(value) > 512 && !strings.Contains(value, "\n") {
		for at := 256; at+64 <= len(value); at += 256 {
			all[fmt.Sprintf("piece at %d", at)] = value[at : at+64]
		}
	}
	return all
}

// planted proves the search: each kind of secret is found in each kind of place.
func planted(t *testing.T, secrets map[string][]string) {
	t.Helper()
	dir := t.TempDir()
	for kind, values := range secrets {
		secret := values[0]
		quoted, err := json.Marshal(map[string]string{"value": secret})
		if err != nil {
			t.Fatal(err)
		}
		var archive, packed bytes.Buffer
		zipped := zip.NewWriter(&archive)
		entry, err := zipped.Create("tfstate")
		if err == nil {
			_, err = entry.Write(quoted)
		}
		if err == nil {
			err = zipped.Close()
		}
		squeezed := gzip.NewWriter(&packed)
		if err == nil {
			_, err = squeezed.Write(quoted)
		}
		if err == nil {
			err = squeezed.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		for place, content := range map[string][]byte{
			"state": quoted, "plan": archive.Bytes(), "packed": packed.Bytes(),
			"log":     []byte("2026-06-01 [TRACE] provider: sent: value=\"" + secret + "\" to=server"),
			"encoded": []byte(base64.StdEncoding.EncodeToString([]byte("kind: Config\n" + secret + "\nmore"))),
			"bytes":   fmt.Appendf(nil, "%d", []byte(secret)),
		} {
			name := strings.ReplaceAll(kind, " ", "-") + "." + place
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
			alone := map[string][]string{kind: {secret}}
			if len(search(t, dir, alone)) == 0 {
				t.Errorf("a %s in the form %s is not found", kind, place)
			}
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

package vcenter

import "testing"

func TestVersions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Version{
		"8.0.2.0": {8, 0, 2, 0}, "9.0.0.0": {9, 0, 0, 0}, "9.1": {9, 1, 0, 0}, "7.0.3.00100.1": {7, 0, 3, 100},
	} {
		if got, err := parseVersion(text); err != nil || got != want {
			t.Errorf("%s is read as %s, %v", text, got, err)
		}
	}
	if _, err := parseVersion("dev"); err == nil {
		t.Error("a version without numbers was read")
	}
	if v := (Version{9, 0, 0, 100}); !v.AtLeast(Version9) || v.AtLeast(Version91) || !v.AtLeast(Version802) {
		t.Errorf("%s is in the wrong place", v)
	}
	if got := Version9.Release() + " " + Version802.Release() + " " + Version91.Release(); got != "9.0 8.0.2 9.1" {
		t.Errorf("releases are called %s", got)
	}
}

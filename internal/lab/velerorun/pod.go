package velerorun

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

const (
	// missingImage in an image's name makes it one that no registry has.
	missingImage = "does-not-exist"
	awsPlugin    = "velero-plugin-for-aws"
)

// pod is what of a Deployment's pod matters to a process on this machine.
type pod struct {
	namespace      string
	serviceAccount string
	args           []string
	env            []corev1.EnvVar
	aws            bool
	mounts         []mount
}

// mount is a directory of the container and the one that stands for it here.
type mount struct {
	path, dir string
	secret    *corev1.SecretVolumeSource
}

// newPod reads the pod of a Deployment; dir is where its volumes are.
func newPod(d *appsv1.Deployment, dir string) pod {
	spec := &d.Spec.Template.Spec
	p := pod{namespace: d.Namespace, serviceAccount: spec.ServiceAccountName}
	if p.serviceAccount == "" {
		p.serviceAccount = "default"
	}
	for _, c := range spec.InitContainers {
		p.aws = p.aws || strings.Contains(c.Image, awsPlugin)
	}
	container := mainContainer(spec)
	if container == nil {
		return p
	}
	p.args = serverArgs(container)
	p.env = container.Env
	for _, m := range container.VolumeMounts {
		local := mount{path: m.MountPath, dir: filepath.Join(dir, "volumes", m.Name)}
		for _, v := range spec.Volumes {
			if v.Name == m.Name {
				local.secret = v.Secret
			}
		}
		p.mounts = append(p.mounts, local)
	}
	return p
}

func mainContainer(spec *corev1.PodSpec) *corev1.Container {
	for i := range spec.Containers {
		if spec.Containers[i].Name == deploymentName {
			return &spec.Containers[i]
		}
	}
	if len(spec.Containers) == 0 {
		return nil
	}
	return &spec.Containers[0]
}

// cannotPull reports whether an image of the pod is one that does not exist.
func cannotPull(spec *corev1.PodSpec) bool {
	missing := func(c corev1.Container) bool { return strings.Contains(c.Image, missingImage) }
	return slices.ContainsFunc(spec.InitContainers, missing) || slices.ContainsFunc(spec.Containers, missing)
}

// oursToSet are the flags that depend on the machine and not on the installation.
var oursToSet = []string{"plugin-dir", "metrics-address", "profiler-address", "kubeconfig", "kubecontext"}

// serverArgs are the container's arguments without those flags. Everything
// else stays, so that a flag that Velero does not know ends it here too.
func serverArgs(c *corev1.Container) []string {
	all := slices.Concat(c.Command, c.Args)
	if at := slices.Index(all, "server"); at >= 0 {
		all = all[at+1:]
	}
	var kept []string
	for i := 0; i < len(all); i++ {
		name, _, inline := strings.Cut(strings.TrimLeft(all[i], "-"), "=")
		if strings.HasPrefix(all[i], "-") && slices.Contains(oursToSet, name) {
			if !inline {
				i++ // its value is the next argument
			}
			continue
		}
		kept = append(kept, all[i])
	}
	return kept
}

// local turns a path of the container, or a text with one in front, into one of this machine.
func (p pod) local(value string) string {
	for _, m := range p.mounts {
		if rest, ok := strings.CutPrefix(value, m.path); ok && (rest == "" || rest[0] == '/') {
			return m.dir + rest
		}
	}
	return value
}

// missingEnv is an environment variable that keeps the container from starting.
type missingEnv struct{ name string }

func (m missingEnv) Error() string { return "variable " + m.name + " cannot be resolved" }

// environment resolves the container's variables; secret reads one key.
func (p pod) environment(secret func(name, key string) (string, error)) ([]string, error) {
	var env []string
	for _, e := range p.env {
		value := e.Value
		switch from := e.ValueFrom; {
		case from == nil:
			value = p.local(value)
		case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.namespace":
			value = p.namespace
		case from.SecretKeyRef != nil:
			found, err := secret(from.SecretKeyRef.Name, from.SecretKeyRef.Key)
			if err != nil && from.SecretKeyRef.Optional != nil && *from.SecretKeyRef.Optional {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%w: %w", missingEnv{e.Name}, err)
			}
			value = found
		default:
			continue // limits and fields of a node mean nothing here
		}
		env = append(env, e.Name+"="+value)
	}
	return env, nil
}

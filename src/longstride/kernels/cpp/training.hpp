// What training differentiates, for Python: moments of edges and invariants of moments, with their
// first and second derivatives.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>

#include <optional>
#include <stdexcept>

#include "edge_moments.hpp"
#include "invariants.hpp"

namespace longstride {

namespace nb = nanobind;

template <class T>
using Array3 = nb::ndarray<T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using Kinds = nb::ndarray<const int64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// Moments of edges and their derivatives, for one set of radial functions.
class Moments {
  public:
    Moments(int functions, double inner, double width, double cutoff, int species, int threads)
        : shape_{functions, inner, width, cutoff}, species_(species), pool_(threads) {
        if (functions > MAX_RADIAL) throw std::invalid_argument("too many radial functions");
    }

    template <class T>
    void sum(Array3<const T> vectors, std::optional<Kinds> kinds, Array3<T> moments) {
        nb::gil_scoped_release unlocked;
        edges<T>(vectors, kinds, moments.size()).sum(moments.data(), pool_);
    }

    template <class T>
    void pull(Array3<const T> vectors, std::optional<Kinds> kinds, Array3<const T> given,
              Array3<T> slopes) {
        nb::gil_scoped_release unlocked;
        edges<T>(vectors, kinds, given.size()).pull(given.data(), slopes.data(), pool_);
    }

    template <class T>
    void bend(Array3<const T> vectors, std::optional<Kinds> kinds, Array3<const T> given,
              Array3<const T> along, Array3<T> by_given, Array3<T> by_vectors) {
        nb::gil_scoped_release unlocked;
        edges<T>(vectors, kinds, given.size())
            .bend(given.data(), along.data(), by_given.data(), by_vectors.data(), pool_);
    }

  private:
    template <class T>
    EdgeMoments<T> edges(const Array3<const T>& vectors, const std::optional<Kinds>& kinds,
                         size_t n_moments) const {
        if (species_ > 1 && !kinds) throw std::invalid_argument("the species are missing");
        EdgeMoments<T> edges(shape_, species_, vectors.data(), species_ > 1 ? kinds->data() : nullptr,
                             int64_t(vectors.shape(0)), int64_t(vectors.shape(2)));
        if (vectors.shape(1) != 3 || n_moments != vectors.shape(0) * edges.channels() * COMPONENTS)
            throw std::invalid_argument("vectors and moments differ in length");
        return edges;
    }

    const RadialShape shape_;
    const int species_;
    Pool pool_;
};

template <class T>
using Rows = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// Invariants of moments and their derivatives, for one number of channels.
class MomentInvariants {
  public:
    MomentInvariants(int channels, int threads) : channels_(channels), pool_(threads) {}

    template <class T>
    void contract(Array3<const T> moments, Rows<T> out) {
        const Invariants<T> form = checked<T>(moments, out);
        nb::gil_scoped_release unlocked;
        each_block<T>(int64_t(moments.shape(0)), {moments.data()}, {out.data()},
                      {form.moments(), form.count()}, pool_,
                      [&](auto& b) { form.contract(b[0].data(), b[1].data()); });
    }

    template <class T>
    void expand(Array3<const T> moments, Rows<const T> by, Array3<T> given) {
        const Invariants<T> form = checked<T>(moments, by);
        checked<T>(given, by);
        nb::gil_scoped_release unlocked;
        each_block<T>(int64_t(moments.shape(0)), {moments.data(), by.data()}, {given.data()},
                      {form.moments(), form.count(), form.moments()}, pool_,
                      [&](auto& b) { form.expand(b[0].data(), b[1].data(), b[2].data()); });
    }

    template <class T>
    void bend(Array3<const T> moments, Rows<const T> by, Array3<const T> along, Rows<T> by_by,
              Array3<T> by_moments) {
        const Invariants<T> form = checked<T>(moments, by);
        checked<T>(along, by_by);
        checked<T>(by_moments, by_by);
        nb::gil_scoped_release unlocked;
        each_block<T>(int64_t(moments.shape(0)), {moments.data(), by.data(), along.data()},
                      {by_by.data(), by_moments.data()},
                      {form.moments(), form.count(), form.moments(), form.count(), form.moments()},
                      pool_, [&](auto& b) {
                          form.differential(b[0].data(), b[2].data(), b[3].data());
                          form.expand(b[2].data(), b[1].data(), b[4].data(), true);
                      });
    }

  private:
    template <class T, class M, class R>
    Invariants<T> checked(const M& moments, const R& invariants) const {
        const Invariants<T> form(channels_);
        if (moments.shape(0) != invariants.shape(0) || int(moments.shape(1)) != channels_ ||
            int(moments.shape(2)) != COMPONENTS || int(invariants.shape(1)) != form.count())
            throw std::invalid_argument("moments and invariants differ in length");
        return form;
    }

    const int channels_;
    Pool pool_;
};

inline void bind_training(nb::module_& m) {
    using nb::arg;
    nb::class_<Moments> moments(m, "Moments");
    moments.def(nb::init<int, double, double, double, int, int>(), arg("functions"), arg("inner"),
                arg("width"), arg("cutoff"), arg("species"), arg("threads"));
    nb::class_<MomentInvariants> invariants(m, "MomentInvariants");
    invariants.def(nb::init<int, int>(), arg("channels"), arg("threads"));
    auto methods = [&]<class T>() {
        moments.def("sum", &Moments::sum<T>, arg("vectors"), arg("kinds").none(), arg("moments"));
        moments.def("pull", &Moments::pull<T>, arg("vectors"), arg("kinds").none(), arg("given"),
                    arg("slopes"));
        moments.def("bend", &Moments::bend<T>, arg("vectors"), arg("kinds").none(), arg("given"),
                    arg("along"), arg("by_given"), arg("by_vectors"));
        using I = MomentInvariants;
        invariants.def("contract", &I::contract<T>, arg("moments"), arg("out"));
        invariants.def("expand", &I::expand<T>, arg("moments"), arg("by"), arg("given"));
        invariants.def("bend", &I::bend<T>, arg("moments"), arg("by"), arg("along"), arg("by_by"),
                       arg("by_moments"));
    };
    methods.template operator()<float>();
    methods.template operator()<double>();
}

}  // namespace longstride

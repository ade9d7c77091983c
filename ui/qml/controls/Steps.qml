pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// The progress bar: one piece a step.
Row {
    id: steps

    property int step: 0
    property int count: 0

    height: Theme.mm(3.3)
    spacing: Theme.mm(2.6)

    Repeater {
        model: steps.count

        Rectangle {
            required property int index

            color: index + 1 < steps.step ? Theme.stepDone : index + 1 === steps.step ? Theme.stepNow : Theme.stepNext
            height: steps.height
            radius: height / 2
            width: (steps.width - (steps.count - 1) * steps.spacing) / steps.count
        }
    }
}
